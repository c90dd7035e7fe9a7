const alive = new Set();

class Emitter {
  constructor() {
    alive.add(this);
  }

  dispose() {
    alive.delete(this);
  }
}

class Atlas {
  constructor() {
    this.added = new Emitter();
    this.removed = new Emitter();
  }

  dispose() {
    this.added.dispose();
    this.removed.dispose();
  }
}

function serve() {
  const atlas = new Atlas();
  atlas.dispose();
}

module.exports = { serve };
