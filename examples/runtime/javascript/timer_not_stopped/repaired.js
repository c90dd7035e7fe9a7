class Poller {
  constructor(url) {
    this.url = url;
    this.timer = setInterval(() => this.poll(), 60000);
  }

  poll() {
    this.last = Date.now();
  }

  stop() {
    clearInterval(this.timer);
  }
}

function serve(url) {
  const poller = new Poller(url);
  poller.stop();
}

module.exports = { serve, Poller };
