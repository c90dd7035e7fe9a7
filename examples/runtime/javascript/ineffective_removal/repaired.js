const bus = new EventTarget();

class Menu {
  constructor() {
    this.onClick = () => this.close();
  }

  open() {
    bus.addEventListener("click", this.onClick);
  }

  close() {
    this.closed = true;
  }

  dispose() {
    bus.removeEventListener("click", this.onClick);
  }
}

function serve() {
  const menu = new Menu();
  menu.open();
  menu.dispose();
}

module.exports = { serve };
