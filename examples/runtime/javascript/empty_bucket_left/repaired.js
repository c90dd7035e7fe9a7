class Rooms {
  constructor() {
    this.members = new Map();
  }

  join(room, user) {
    if (!this.members.has(room)) this.members.set(room, new Set());
    this.members.get(room).add(user);
  }

  leave(room, user) {
    this.members.get(room).delete(user);
    if (this.members.get(room).size === 0) this.members.delete(room);
  }
}

const rooms = new Rooms();

function serve(room) {
  rooms.join(room, "somebody");
  rooms.leave(room, "somebody");
}

module.exports = { serve };
