// One function object, added and removed.

export class SaveButton {
  constructor(store) {
    this.store = store;
    this.listener = (event) => this.onKey(event);
  }

  attach() {
    document.addEventListener("keydown", this.listener);
  }

  detach() {
    document.removeEventListener("keydown", this.listener);
  }

  onKey(event) {
    if (event.ctrlKey && event.key === "s") this.store.save();
  }
}
