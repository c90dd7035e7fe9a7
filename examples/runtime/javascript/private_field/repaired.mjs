class Ledger {
  #entries = [];

  record(amount) {
    this.#entries.push(amount);
    if (this.#entries.length > 30) this.#entries = this.#entries.slice(-10);
    return this.#entries;
  }
}

const ledger = new Ledger();

export function serve(amount) {
  return ledger.record(amount);
}
