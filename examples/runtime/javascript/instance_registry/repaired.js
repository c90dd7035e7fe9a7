class Connection {
  static open = new Set();

  constructor(name) {
    this.name = name;
    Connection.open.add(this);
  }

  close() {
    Connection.open.delete(this);
  }
}

function serve(name) {
  const connection = new Connection(name);
  connection.close();
}

module.exports = { serve, Connection };
