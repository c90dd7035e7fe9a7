"""Java: messages of a Netty pipeline that a handler, on one way or all, neither passes on nor releases.

Whoever is handed a message whose references are counted is the last to use it, unless it hands it on.
`SimpleChannelInboundHandler` releases what it is given; the plain adapters do not.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Leave, Place
from leaklint.models import Native
from leaklint.solve.lazy import regex
from leaklint.solve.names import is_from
from leaklint.solve.native.leak import NativeLeak
from leaklint.solve.native.native import Natives
from leaklint.solve.native.ways import Ways

_ADAPTERS = frozenset({"ChannelInboundHandlerAdapter", "ChannelDuplexHandler", "ChannelHandlerAdapter"})
_READ = "channelRead"
_COUNTED = regex(
    r"(ByteBuf|ByteBufHolder|FullHttp(Message|Request|Response)|HttpContent|DatagramPacket|HAProxyMessage|"
    r"(Text|Binary|Ping|Pong|Close|Continuation)?WebSocketFrame|MqttPublishMessage|SctpMessage|"
    r"FullBulkStringRedisMessage|BulkStringRedisContent|Http2(Data|Unknown|GoAway)Frame|"
    r"(Full)?(Binary|Memcache)\w*(Content|Request|Response)|Dns(Query|Response)|Datagram(DnsQuery|DnsResponse))$"
)
# methods that give out the message or its buffer again
_SAME = frozenset(
    {"content", "slice", "duplicate", "order", "asReadOnly", "unwrap", "readSlice", "touch", "replace"}
)
# what is told of a message, and keeps nothing of it
_TELLS = regex(r"(trace|debug|info|warn|error|log\w*|print(ln|f)?|format|valueOf|isInstance|touch|getClass)$")
# methods that only a buffer or its holder has: `((ByteBuf) msg).readableBytes()`
_OF_BUFFER = frozenset({"readableBytes", "isReadable", "readByte", "readInt", "readLong", "readBytes"})


class Received:
    """Such messages of one unit."""

    def __init__(self, natives: Natives) -> None:
        self.natives = natives
        self.takers = natives.takers
        self.ways = Ways(natives.index)
        self.index = natives.index
        self.unit = natives.unit

    def found(self) -> Iterator[NativeLeak]:
        """One a handler: where the message gets its type, in source order."""
        if self.unit.language != "java" or not is_from(self.unit, self.index.import_modules, ["io.netty."]):
            return
        row = next((row for row in self.natives.rows if row.counted), None)
        if row is None:
            return
        for owner, names in self.index.method_names.items():
            scope = names.get(_READ, NONE)
            if scope == NONE or len(self.unit.scopes[scope].params) != 2 or not self._is_handler(owner):
                continue
            message = self.unit.scopes[scope].params[1]
            uses = [*self._uses(scope, message)]
            same = {message, *(symbol for _, symbol in uses)}
            self._widen(scope, same)
            handed = [number for number in self._inside(scope) if self._hands_on(number, same, row)]
            for number, symbol in uses:
                if not any(self._may_follow(number, other) for other in handed):
                    yield NativeLeak(number, row, "received", Place(symbol))
                    break
                early = self._left(number, symbol, message, row, handed)
                if early != NONE:
                    yield NativeLeak(number, row, "early", Place(symbol), early)
                    break

    def _left(self, number: int, local: int, message: int, row: Native, handed: list[int]) -> int:
        """`if (frame.readableBytes() < 2) return; … frame.release();`: the way out in front, or NONE."""
        if any(self._names(other, message) and self._may_follow(number, other) for other in handed):
            return NONE  # which of the two names ends it is not known
        how, early = self.ways.left_open(
            Place(local), number, row.end, lambda call: not self._hands_on(call, {local}, row)
        )
        return early if how == "early" else NONE

    def _names(self, number: int, symbol: int) -> bool:
        effect = self.unit.effects[number]
        given = effect.args if isinstance(effect, Call) else ()
        return any(self._means(value, {symbol}) for value in given)

    def _is_handler(self, owner: int) -> bool:
        for base in self.unit.owners[owner].bases:
            value = self.unit.values[base]
            symbol = self.index.symbol(self.unit.places[value.place]) if value.kind == "place" else None
            if symbol is not None and symbol.name in _ADAPTERS:
                return True
        return False

    def _inside(self, scope: int) -> Iterator[int]:
        """Effects of a method and of the functions within it."""
        row = self.unit.scopes[scope]
        for number, effect in enumerate(self.unit.effects):
            if row.at <= effect.at < row.end:
                yield number

    def _uses(self, scope: int, message: int) -> Iterator[tuple[int, int]]:
        """Effects that use the message as something counted, `ByteBuf in = (ByteBuf) msg`, with its name."""
        for number in self.index.of_function.get(scope, ()):
            effect = self.unit.effects[number]
            if isinstance(effect, Bind) and effect.how == "declare" and effect.value != NONE:
                local = self.unit.places[effect.target].symbol
                row = self.unit.values[effect.value]
                means = row.kind == "place" and self.unit.places[row.place] == Place(message)
                if means and self._is_counted(self.unit.symbols[local].type):
                    yield number, local
            elif self._is_of_buffer(effect, message):
                yield number, message

    def _is_of_buffer(self, effect: object, message: int) -> bool:
        """`((ByteBuf) msg).readableBytes()`: a cast leaves no other trace."""
        if not isinstance(effect, Call) or effect.receiver == NONE:
            return False
        named = effect.name in _OF_BUFFER or (effect.name == "toString" and len(effect.args) == 1)
        return named and self.unit.places[effect.receiver] == Place(message)

    def _is_counted(self, kind: str) -> bool:
        """Whether a type counts references; `java.net` has a `DatagramPacket`, too."""
        if not _COUNTED.match(kind):
            return False
        known = [symbol for symbol in self.unit.symbols if symbol.module.startswith("io.netty")]
        if any(symbol.kind == "import" and symbol.name == kind for symbol in self.unit.symbols):
            return any(symbol.name == kind for symbol in known)
        return any(symbol.imported == "*" for symbol in known)

    def _widen(self, scope: int, same: set[int]) -> None:
        """Adds the locals that hold the message or its buffer: `ByteBuf body = request.content()`."""
        for number in self._inside(scope):
            bind = self.unit.effects[number]
            if isinstance(bind, Bind) and bind.value != NONE and self._means(bind.value, same):
                place = self.unit.places[bind.target]
                if place.symbol != NONE and not place.path and bind.how in ("declare", "assign"):
                    same.add(place.symbol)

    def _means(self, value: int, same: set[int], depth: int = 0) -> bool:
        """Whether a value is, or may be, the message or its buffer."""
        row = self.unit.values[value]
        if row.kind == "place":
            return self.unit.places[row.place].symbol in same
        if row.kind == "call":
            call = self.unit.effects[row.call]
            if not isinstance(call, Call) or call.name not in _SAME or call.receiver == NONE:
                return False
            place = self.unit.places[call.receiver]
            return place.symbol in same or (depth < 4 and self._is_chain(place.call, same))
        return (
            depth < 4
            and row.text != "instanceof"
            and any(self._means(part, same, depth + 1) for part in row.parts)
        )

    def _is_chain(self, number: int, same: set[int]) -> bool:
        call = self.unit.effects[number] if number != NONE else None
        return (
            isinstance(call, Call)
            and call.receiver != NONE
            and call.name in _SAME
            and self.unit.places[call.receiver].symbol in same
        )

    def _hands_on(self, number: int, same: set[int], row: Native) -> bool:
        """Whether an effect may release the message, keep it, or hand it to somebody who will."""
        effect = self.unit.effects[number]
        if isinstance(effect, Bind | Leave):
            if effect.value == NONE or not self._means(effect.value, same):
                return False
            return not isinstance(effect, Bind) or self.unit.places[effect.target].symbol not in same
        if not isinstance(effect, Call):
            return False
        if "elease" in effect.name or effect.name in ("retain", "close", "free", "recycle"):
            return effect.receiver == NONE or not self._is_context(effect)
        given = [value for value in effect.args if self._means(value, same)]
        if not given or _TELLS.match(effect.name):
            return False
        if not effect.new and self.takers.borrows(effect, row):  # a stream may release what it reads
            return False
        return not all(self._is_lent(number, value, row) for value in given)

    def _is_context(self, call: Call) -> bool:
        """`ctx.close()`, `channel.close()`: the connection, not the message."""
        place = self.unit.places[call.receiver]
        symbol = self.index.symbol(place)
        return symbol is None or symbol.type in ("ChannelHandlerContext", "Channel") or bool(place.path)

    def _is_lent(self, number: int, value: int, row: Native) -> bool:
        """Whether a method of the file only looks at what it is given."""
        given = self.unit.values[value]
        if given.kind != "place":
            return False
        return self.takers.lending.lends(
            number, self.unit.places[given.place], row.end, lambda taker: self.takers.borrows(taker, row)
        )

    def _may_follow(self, use: int, other: int) -> bool:
        """Whether one run may meet both effects: neither stands in the other branch, or behind a return."""
        mine = self._around(use)
        theirs = [*self.index.regions(self.unit.effects[other].region)]
        for region in theirs:
            row = self.unit.regions[region]
            if row.kind == "finally":
                return True
            if row.kind == "branch" and region not in mine and row.leaves and other < use:
                return False
            if row.kind == "branch" and any(self._excludes(own, region) for own in mine):
                return False
        return not any(
            self.unit.regions[own].leaves in ("return", "raise")
            and own not in theirs
            and other >= self.unit.regions[own].last
            for own in mine
        )

    def _around(self, use: int) -> list[int]:
        """The regions around an effect; those of a pattern are what it guards."""
        effect = self.unit.effects[use]
        found = [*self.index.regions(effect.region)]
        for number, row in enumerate(self.unit.regions):
            test = self.unit.values[row.test] if row.kind == "branch" and row.test != NONE else None
            if test is not None and not row.negated and test.at <= effect.at < test.end:
                found.append(number)
        return found

    def _excludes(self, one: int, other: int) -> bool:
        mine, theirs = self.unit.regions[one], self.unit.regions[other]
        return mine.test == theirs.test and mine.negated != theirs.negated
