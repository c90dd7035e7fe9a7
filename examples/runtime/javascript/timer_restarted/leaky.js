class Poller {
  constructor(name) {
    this.name = name;
    this.polls = 0;
  }

  start() {
    const poll = () => {
      this.polls += 1;
      setTimeout(poll, 20);
    };
    setTimeout(poll, 20);
  }

  stop() {
    this.stopped = true;
  }
}

function serve(name) {
  const poller = new Poller(name);
  poller.start();
  poller.stop();
}

module.exports = { serve };
