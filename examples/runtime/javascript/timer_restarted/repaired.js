class Poller {
  constructor(name) {
    this.name = name;
    this.polls = 0;
  }

  start() {
    const poll = () => {
      this.polls += 1;
      this.timer = setTimeout(poll, 20);
    };
    this.timer = setTimeout(poll, 20);
  }

  stop() {
    clearTimeout(this.timer);
  }
}

function serve(name) {
  const poller = new Poller(name);
  poller.start();
  poller.stop();
}

module.exports = { serve };
