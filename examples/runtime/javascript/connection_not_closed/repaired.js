class Presence {
  constructor(name) {
    this.name = name;
    this.channel = new BroadcastChannel("presence");
    this.channel.onmessage = (event) => this.see(event.data);
  }

  see(name) {
    this.last = name;
  }

  dispose() {
    this.channel.close();
  }
}

function serve(name) {
  const presence = new Presence(name);
  presence.dispose();
}

module.exports = { serve };
