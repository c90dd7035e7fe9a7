process.setMaxListeners(0);

function serve(job) {
  const state = { job };
  const stop = () => {
    state.stopped = true;
  };
  process.on("SIGUSR2", stop);
  state.done = true;
  process.off("SIGUSR2", stop);
  return state;
}

module.exports = { serve };
