const target = new EventTarget();

class View {
  constructor(name) {
    this.name = name;
    this.onResize = () => this.draw();
    target.addEventListener("resize", this.onResize);
  }

  draw() {
    return this.name;
  }

  destroy() {
    target.removeEventListener("resize", this.onResize);
  }
}

export function serve(name) {
  const view = new View(name);
  const drawn = view.draw();
  view.destroy();
  return drawn;
}
