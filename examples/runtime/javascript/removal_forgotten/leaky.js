class Rules {
  constructor(bus) {
    this.bus = bus;
    this.rules = new Map();
  }

  addRule(rule) {
    this.rules.set(rule.id, rule);
    this.bus.send("added", rule);
  }

  removeRule(rule) {
    this.bus.send("removed", rule);
  }
}

const rules = new Rules({ send: (what, rule) => [what, rule.id] });

function serve(id) {
  const rule = { id };
  rules.addRule(rule);
  rules.removeRule(rule);
}

module.exports = { serve };
