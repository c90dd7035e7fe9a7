const rooms = new Map();
const members = new Map();

function join(id) {
  rooms.set(id, { id });
  members.set(id, [id]);
}

function leave(id) {
  rooms.delete(id);
  members.delete(id);
}

function serve(id) {
  join(id);
  leave(id);
}

module.exports = { serve };
