class Notices {
  listeners = [];

  listen(listener) {
    this.listeners.push(listener);
    return () => {
      this.listeners.filter((each) => each !== listener);
    };
  }
}

const notices = new Notices();

function serve(text) {
  const stop = notices.listen((notice) => notice + text);
  stop();
}

module.exports = { serve };
