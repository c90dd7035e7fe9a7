"""What the JVM says in text, and packets of the debugger's protocol, taken apart without a JVM."""

from __future__ import annotations

import pytest

from leaklint.runtime.jvm.histogram import interned, off_heap, parse, readable
from leaklint.runtime.jvm.packets import BREAKPOINT, CLASS_PREPARE, Location, events, pack, text

HISTOGRAM = """ num     #instances         #bytes  class name (module)
-------------------------------------------------------
   1:         10000        1234567  [B (java.base@17.0.15)
   2:          3000          96000  app.Tax$Row
   3:             2             48  app.Tax$Row
Total         13002        1330615
"""


def test_a_histogram_is_added_up() -> None:
    found = parse(HISTOGRAM)
    assert found.instances == {"[B": 10000, "app.Tax$Row": 3002}
    assert (found.total, found.size) == (13002, 1330615)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("[B", "byte[]"),
        ("[[I", "int[][]"),
        ("[Ljava.util.HashMap$Node;", "java.util.HashMap.Node[]"),
        ("app.Tax$Row", "app.Tax.Row"),
        ("app.Tax$$Lambda$14/0x0000000800c03000", "app.Tax.lambda"),
    ],
)
def test_names_of_classes(name: str, shown: str) -> None:
    assert readable(name) == shown


def test_memory_outside_of_the_heap() -> None:
    said = "Native Memory Tracking:\n\n-                     Other (reserved=10240, committed=10240)\n"
    assert off_heap(said) == 10240
    assert off_heap("Native Memory Tracking:\n\n-  Class (reserved=1, committed=1)\n") == 0
    assert off_heap("Native memory tracking is not enabled") is None


def test_interned_strings() -> None:
    assert (
        interned("StringTable statistics:\nNumber of entries       :      3111 =     49776 bytes\n") == 3111
    )
    assert interned("") == 0


def test_events_of_a_packet() -> None:
    place = Location(1, 7, 8, 9)
    packet = pack("Bi", 1, 3)
    packet += pack("BiQ", BREAKPOINT, 5, 77) + pack("BQQQ", *place)
    packet += pack("BiQBQ", CLASS_PREPARE, 6, 77, 1, 99) + text("Lapp/Tax;") + pack("i", 7)
    packet += pack("Bi", 99, 0)
    suspends, found = events(packet)
    assert suspends == 1
    assert [row.request for row in found] == [5, 6]
    assert found[0].location == place
    assert found[1].signature == "Lapp/Tax;"
