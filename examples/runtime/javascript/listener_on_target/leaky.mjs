const target = new EventTarget();

class View {
  constructor(name) {
    this.name = name;
    target.addEventListener("resize", () => this.draw());
  }

  draw() {
    return this.name;
  }
}

export function serve(name) {
  return new View(name).draw();
}
