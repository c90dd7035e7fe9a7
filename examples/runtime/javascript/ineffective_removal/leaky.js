const bus = new EventTarget();

class Menu {
  open() {
    bus.addEventListener("click", this.close.bind(this));
  }

  close() {
    this.closed = true;
  }

  dispose() {
    bus.removeEventListener("click", this.close.bind(this));
  }
}

function serve() {
  const menu = new Menu();
  menu.open();
  menu.dispose();
}

module.exports = { serve };
