class Gauge {
  static running = new Set();

  start() {
    Gauge.running.add(this);
  }

  stop() {
    Gauge.running.delete(this);
  }
}

class Region {
  constructor() {
    this.memory = new Gauge();
    this.store = new Gauge();
    this.temp = new Gauge();
  }

  start() {
    this.memory.start();
    this.store.start();
    this.temp.start();
  }

  stop() {
    this.memory.stop();
    this.store.stop();
    this.temp.stop();
  }
}

function serve() {
  const region = new Region();
  region.start();
  region.stop();
}

module.exports = { serve };
