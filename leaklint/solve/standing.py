"""Java classes whose objects serve for as long as the program does, by what they own and what calls them.

A name says it often enough (see `Lifecycle.lives_long`). This module looks at the code: who works in a loop
that only a stop ends, lets a scheduler call it again and again, or is handed one message after the other.
"""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.repeats import Repeats

# annotations of methods that a framework calls with one message, event or tick after the other
_CALLED = frozenset(
    {
        *("Scheduled", "KafkaListener", "RabbitListener", "JmsListener", "SqsListener", "StreamListener"),
        *("EventListener", "TransactionalEventListener", "Incoming", "ConsumeEvent", "MessageMapping"),
        *("Subscribe", "EventHandler", "SubscribeEvent", "Handler", "Observes", "OnMessage", "Schedule"),
        *("ServiceActivator", "PulsarListener", "KafkaHandler", "RabbitHandler", "NatsListener", "OnEvent"),
    }
)
_PERIODIC = ("scheduleAtFixedRate", "scheduleWithFixedDelay")
_WORKERS = frozenset(
    {"ExecutorService", "ScheduledExecutorService", "EventLoopGroup", "ScheduledThreadPoolExecutor"}
)
_BASES = frozenset(
    {
        *(
            "MessageListener",
            "AbstractVerticle",
            "TextWebSocketHandler",
            "BinaryWebSocketHandler",
            "JavaPlugin",
        ),
        *(
            "WebSocketHandler",
            "AbstractWebSocketHandler",
            "MqttCallback",
            "BundleActivator",
            "SmartLifecycle",
        ),
        *(
            "ServletContextListener",
            "HttpSessionListener",
            "ApplicationListener",
            "ChannelDuplexHandlerSharable",
        ),
        *("WebSocketServer", "ClientModInitializer", "ModInitializer", "DedicatedServerModInitializer"),
    }
)
_MANY = regex(
    r"(?i)match|(connection|session|stream|channel|task|job|span|request|call|operation|client|command|"
    r"transaction|test|bench(mark)?s?|runner|example|demo|main|dialog|panel|view|frame|activity|fragment|game)$"
)


class Standing:
    """Long-lived classes of one unit of Java."""

    def __init__(self, index: Index, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.repeats = repeats
        self._known: dict[int, bool] = {}

    def serves(self, owner: int) -> bool:
        """Whether the code of a class shows that its objects serve long."""
        known = self._known.get(owner)
        if known is None:
            known = self._known[owner] = self._find(owner)
        return known

    def _find(self, owner: int) -> bool:
        row = self.unit.owners[owner]
        if not row.name or _MANY.search(row.name):
            return False  # as many as there are callers, and gone with them
        if any(self.index.name_of(base) in _BASES for base in row.bases):
            return True
        methods = [self.unit.scopes[scope] for scope in row.methods]
        if any(self.index.name_of(value) in _CALLED for method in methods for value in method.decorators):
            return True
        return self._works_for_ever(owner) or self._ticks(owner) or self._owns_workers(owner)

    def _works_for_ever(self, owner: int) -> bool:
        """`while (running)`, `while (!Thread.currentThread().isInterrupted())` in the method `run`."""
        run = self.index.method_names.get(owner, {}).get("run", NONE)
        return run != NONE and any(
            region.kind == "loop"
            and region.scope == run
            and region.iterates == NONE
            and (self.index.in_endless_loop(number) or self._until_stopped(region.test))
            for number, region in enumerate(self.unit.regions)
        )

    def _until_stopped(self, test: int) -> bool:
        if test == NONE:
            return False
        row = self.unit.values[test]
        if row.kind == "operation" and row.text in ("!", "not", "&&", "and"):
            return any(self._until_stopped(part) for part in row.parts)
        if row.kind == "call":
            call = self.unit.effects[row.call]
            if not isinstance(call, Call):
                return False
            if call.name in ("isInterrupted", "interrupted"):
                return True
            row_place = (
                call.receiver if call.name in ("get", "isRunning", "isStopped", "getAcquire") else NONE
            )
        else:
            row_place = row.place if row.kind == "place" else NONE
        symbol = self.index.symbol(self.unit.places[row_place]) if row_place != NONE else None
        return symbol is not None and symbol.kind == "this"

    def _ticks(self, owner: int) -> bool:
        """Whether it lets a scheduler call it again and again."""
        return any(
            self.unit.scopes[self.index.function_at(number)].owner == owner
            for name in _PERIODIC
            for number in self.index.calls.get(name, ())
        )

    def _owns_workers(self, owner: int) -> bool:
        """Whether it makes a pool of threads when it is made, and keeps it in a field."""
        row = self.unit.owners[owner]
        fields = [
            symbol
            for symbol in self.unit.symbols
            if symbol.kind == "field"
            and symbol.type in _WORKERS
            and self.unit.scopes[symbol.scope].owner == owner
        ]
        return any(
            self._makes(number)
            for symbol in fields
            for number in self.index.binds.get(Place(row.this, (f".{symbol.name}",)), ())
        )

    def _makes(self, number: int) -> bool:
        bind = self.unit.effects[number]
        value = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        call = self.unit.effects[value.call] if value is not None and value.kind == "call" else None
        if not isinstance(call, Call):
            return False
        return call.new or call.name.startswith("new")
