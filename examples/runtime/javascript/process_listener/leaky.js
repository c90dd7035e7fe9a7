process.setMaxListeners(0);

function serve(job) {
  const state = { job };
  process.on("SIGUSR2", () => {
    state.stopped = true;
  });
  return state;
}

module.exports = { serve };
