// A button handler whose listener can never be removed: bind() makes a new function each time.

export class SaveButton {
  constructor(store) {
    this.store = store;
  }

  attach() {
    document.addEventListener("keydown", this.onKey.bind(this));
  }

  detach() {
    document.removeEventListener("keydown", this.onKey.bind(this));
  }

  onKey(event) {
    if (event.ctrlKey && event.key === "s") this.store.save();
  }
}
