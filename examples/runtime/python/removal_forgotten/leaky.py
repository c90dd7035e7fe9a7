"""Removing a rule tells the bus, and leaves the rule where it is."""


class Rule:
    def __init__(self, id: str):
        self.id = id


class Bus:
    def send(self, what, rule):
        return what, rule.id


class Rules:
    def __init__(self, bus):
        self.bus = bus
        self.rules = {}

    def add_rule(self, rule: Rule):
        self.rules[rule.id] = rule
        self.bus.send("added", rule)

    def remove_rule(self, rule: Rule):
        self.bus.send("removed", rule)


RULES = Rules(Bus())


def serve(id: str):
    rule = Rule(id)
    RULES.add_rule(rule)
    RULES.remove_rule(rule)
