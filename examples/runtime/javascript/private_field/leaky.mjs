class Ledger {
  #entries = [];

  record(amount) {
    this.#entries.push({ amount });
    return this.#entries.length;
  }
}

const ledger = new Ledger();

export function serve(amount) {
  return ledger.record(amount);
}
