"""The front end for single-file components (.vue, .svelte): their script blocks, at their own lines.

Everything else is blanked out, so that offsets stay what they are, and the JavaScript front end reads the
rest. A script that runs once an instance (`<script setup>`, Svelte's `<script>`) becomes the body of a
function; it knows no template: what only a template uses looks unused, and nothing asks for that.
"""

from __future__ import annotations

from leaklint.frontends import javascript
from leaklint.ir import Unit
from leaklint.source import SourceFile

_OPEN, _CLOSE = b"<script", b"</script"
_BEGIN, _END = b"(_=>{", b"})"


def lower(source: SourceFile) -> Unit:
    """Lower the script blocks of one component. Never raises: what it cannot read becomes a Problem."""
    data = source.data
    text = bytearray(_blank(data))
    instances: list[int] = []
    typed = False
    at = data.find(_OPEN)
    while at >= 0:
        begin = data.find(b">", at) + 1
        end = data.find(_CLOSE, begin)
        if not begin or end < 0:
            break
        tag = data[at:begin]
        text[begin:end] = data[begin:end]
        typed = typed or b"ts" in tag
        if _runs_per_instance(source.path, tag):
            text[begin - len(_BEGIN) : begin] = _BEGIN
            text[end : end + len(_END)] = _END
            instances.append(begin - len(_BEGIN))
        at = data.find(_OPEN, end)
    unit = javascript.lower(SourceFile(source.path + (".ts" if typed else ".js"), bytes(text)))
    unit.path = source.path
    unit.dialect = source.path.rpartition(".")[2].lower()
    _name(unit, instances)
    return unit


def _blank(data: bytes) -> bytes:
    """As many bytes, of which only the line breaks are kept."""
    return b"".join(
        b" " * len(line.rstrip(b"\r\n")) + line[len(line.rstrip(b"\r\n")) :] for line in data.splitlines(True)
    )


def _runs_per_instance(path: str, tag: bytes) -> bool:
    words = tag[len(_OPEN) : -1].replace(b'"', b" ").replace(b"'", b" ").replace(b"=", b" ").split()
    if path.endswith(".svelte"):
        return b"module" not in words
    return b"setup" in words


def _name(unit: Unit, instances: list[int]) -> None:
    """Give the functions that stand for a component its name."""
    stem = unit.path.rpartition("/")[2].partition(".")[0]
    for scope in unit.scopes:
        if scope.kind == "lambda" and any(begin <= scope.at <= begin + 1 for begin in instances):
            scope.name = stem
            scope.flags |= {"component"}
