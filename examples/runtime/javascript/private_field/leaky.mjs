class Ledger {
  #entries = [];

  record(amount) {
    this.#entries.push(amount);
    return this.#entries;
  }
}

const ledger = new Ledger();

export function serve(amount) {
  return ledger.record(amount);
}
