const waiting = new Map();

const socket = {
  send(message, done) {
    done(message.length > 5 ? new Error("message is too long") : null);
  },
};

function send(id, message) {
  waiting.set(id, message);
  socket.send(message, (error) => sent(error, id));
}

function sent(error, id) {
  waiting.delete(id);
  if (error) {
    socket.failed = true;
  }
}

function serve(id) {
  send(id, `message ${id}`);
}

module.exports = { serve };
