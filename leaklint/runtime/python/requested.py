"""A request of Flask around a call: its text goes into drivers that need it."""

import importlib
import re
import typing
from functools import cache
from pathlib import Path

_ASKED = re.compile(r"""\brequest\.(\w+)(?:\.get(?:list)?\(|\[)\s*["']([\w-]+)["']""")


@cache
def _asked(file: str) -> list[tuple[str, str]]:
    """The fields that a file reads of requests: where, and their names."""
    return _ASKED.findall(Path(file).read_text("utf-8", "replace"))


@cache
def _app(subject: typing.Any) -> typing.Any:
    """The application of a module, or another one."""
    make: typing.Any = importlib.import_module("flask").Flask
    app = next((row for row in vars(subject).values() if isinstance(row, make)), None) or make("leaklint")
    app.secret_key = app.secret_key or "leaklint"
    return app


def a_request(subject: typing.Any, i: int) -> typing.Any:
    """A context in which a request is under way, with all that the module reads of one."""
    asked = _asked(subject.__file__)
    given = {where: {name: f"text-{i}" for at, name in asked if at == where} for where, _ in asked}
    return _app(subject).test_request_context(
        f"/text-{i}",
        method="POST",
        query_string={**given.get("values", {}), **given.get("args", {})},
        headers=given.get("headers", {}),
        environ_base={"REMOTE_ADDR": f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"},
        **{"data": given["form"]}
        if "form" in given
        else {"json": {"id": f"text-{i}", **given.get("json", {})}},
    )
