class Ticker {
  setRate(milliseconds) {
    clearInterval(this.timer);
    this.timer = setInterval(() => this.draw(), milliseconds);
  }

  draw() {
    this.drawn = true;
  }

  dispose() {
    clearInterval(this.timer);
  }
}

const ticker = new Ticker();

function serve(milliseconds) {
  ticker.setRate(10000 + milliseconds);
}

module.exports = { serve };
