"""Java: locals that a function ends itself, whatever they are, on some of its ways only.

No model names them: that they want an end, the function says itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Native
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lending import Lending
from leaklint.solve.native.leak import NativeLeak
from leaklint.solve.native.ways import Ways
from leaklint.solve.repeats import Repeats

_ENDS = ("close", "release", "dispose", "free", "recycle", "destroy", "disconnect")
# types of what holds something outside the heap; streams where a method opened them, and nothing wraps them
_HOLDS = regex(
    r"(Connection|Channel|Socket|Client|Session|Snapshot|Database|DB|Cursor|Transaction|Loader|Buf|ByteBuffer|Bitmap|"
    r"Image|Message|Archive|Zip|Jar|Pool|Producer|Consumer|ResourceResolver|Repository|Directory|Document|Workbook|"
    r"Device|Context|Handle|Internal|HttpResponse|Arena|Tensor|Store|Process)s?$|^(Selector|Response)$"
)
_OPENED = regex(r"(InputStream|Reader|FileOutputStream|FileWriter|Iterator)$|^(Object|Stream)$")
_OTHERS = regex(r"^(XML|JAXB|Xml|Json|JSON|Call|String|ByteArray|Char|HttpURL|URL)|^(System|Class)$")
_OPENING = (
    "open",
    "create",
    "new",
    "acquire",
    "connect",
    "get",
    "begin",
    "obtain",
    "borrow",
    "allocate",
    "start",
)
_MINOR = frozenset({"Statement", "PreparedStatement", "CallableStatement", "ResultSet"})


class PlainEnds:
    """What the functions of one unit leave open that they end on another way.

    known: calls of models; collected: whether the collector frees what a call makes.
    """

    def __init__(
        self, index: Index, repeats: Repeats, known: set[int], collected: Callable[[int], bool]
    ) -> None:
        self.index = index
        self.is_collected = collected
        self.unit: Unit = index.unit
        self.repeats = repeats
        self.known = known
        self.found: list[NativeLeak] = []
        if self.unit.language != "java":
            return
        ended: dict[Place, list[str]] = {}
        for name in _ENDS:
            for number in index.calls.get(name, ()):
                local = self._local(number)
                if local is not None:
                    ended.setdefault(local, []).append(name)
        if ended:
            self.ways = Ways(index)
            self.lending = Lending(index)
            self.found = [leak for local, names in ended.items() for leak in self._judge(local, names)]
            self.found.sort(key=lambda leak: leak.effect)

    def _local(self, number: int) -> Place | None:
        """The local that a method without arguments is called on."""
        call = self.unit.effects[number]
        if not isinstance(call, Call) or call.receiver == NONE or call.args:
            return None
        place = self.unit.places[call.receiver]
        symbol = self.index.symbol(place)
        if symbol is None or place.path or symbol.kind not in ("variable", "constant") or symbol.scope == 0:
            return None
        return place

    def _judge(self, local: Place, ends: list[str]) -> Iterator[NativeLeak]:
        made = self._made(local)
        if made == NONE or made in self.known or self.is_collected(made) or not self.repeats.repeats(made):
            return
        symbol = self.unit.symbols[local.symbol]
        call = self.unit.effects[made]
        assert isinstance(call, Call)
        kind = call.name if symbol.type in ("", "var") else symbol.type
        if _OTHERS.search(kind) or not (_HOLDS.search(kind) or self._is_opened(kind, call)):
            return
        how, evidence = self.ways.left_open(
            local, made, ends, lambda number: self.lending.lends(number, local, ends, self._borrows)
        )
        if how and not (how == "thrown" and kind in _MINOR):
            row = Native(name=f"`{kind}`", make=[], end=list(dict.fromkeys(ends)), types=[kind])
            yield NativeLeak(made, row, how, local, evidence)

    def _is_opened(self, kind: str, call: Call) -> bool:
        return not call.new and call.name.startswith(_OPENING) and _OPENED.search(kind) is not None

    def _borrows(self, call: Call) -> bool:
        return False

    def _made(self, local: Place) -> int:
        """The call whose result a local holds, where it is one."""
        found = NONE
        for number in self.index.binds.get(local, ()):
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            row = self.unit.values[bind.value] if bind.value != NONE else None
            if row is None or row.kind == "null":
                continue
            if row.kind != "call" or found != NONE or bind.how not in ("declare", "assign"):
                return NONE
            found = row.call
        return found
