class Connection {
  pending = [];

  send(message) {
    return new Promise((resolve) => this.pending.push({ message, resolve }));
  }

  onAcknowledged() {
    for (const entry of this.pending) entry.resolve();
  }
}

const connection = new Connection();

export async function serve(message) {
  const sent = connection.send(message);
  connection.onAcknowledged();
  await sent;
}
