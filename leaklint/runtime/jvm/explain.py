"""What is found out once about what grew: classes that stay, where they are made, who keeps them."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from leaklint.runtime.agent import Explanation
from leaklint.runtime.jvm.histogram import Histogram, readable
from leaklint.runtime.jvm.jdwp import JdwpError
from leaklint.runtime.jvm.route import Route

if TYPE_CHECKING:
    from leaklint.runtime.jvm.agent import JvmSession
    from leaklint.runtime.suspect import Suspect

MOST_TYPES = 10
TRIED = 4
"""Classes whose way from a root, or whose place of birth, is looked for."""

MORE = 5
"""Calls that leave something behind, to look at it."""

LEAST = 0.05
"""Living instances more per call from which a class is named."""

LIBRARY = ("java.", "javax.", "jdk.", "sun.", "com.sun.", "[")


def explain(session: JvmSession, calls: int, watch: int) -> Explanation:
    """Two rounds of calls: what stays of both is named."""
    suspect = session.plan.watches[watch] if watch >= 0 else None
    if suspect is not None and suspect.holder.kind == "resource":
        return _opened(session, calls, suspect)
    shots = [session.counters.histogram()]
    for _ in range(2):
        session.sample(calls)
        shots.append(session.counters.histogram())
    known = [shot for shot in shots if shot is not None]
    types = _types(known, calls) if len(known) == 3 else {}
    size = (known[-1].size - known[0].size) / (2 * calls) if len(known) == 3 else None
    likely = sorted(types, key=_telling)
    path = session.route(watch) if watch >= 0 else []
    if not path or not path[0].startswith("class "):
        path = _route(session, likely) or path
    return Explanation(
        tuple(path),
        _site(session, watch, likely),
        max(0.0, round(size, 1)) if size is not None else None,
        {readable(name): round(number, 2) for name, number in list(types.items())[:MOST_TYPES]},
    )


def _types(shots: list[Histogram], calls: int) -> dict[str, float]:
    """The classes that grew in both rounds, the fastest first."""
    first, middle, last = (shot.instances for shot in shots)
    grown = {
        name: (number - first.get(name, 0)) / (2 * calls)
        for name, number in last.items()
        if number > middle.get(name, 0) > first.get(name, 0)
    }
    rows = sorted(grown.items(), key=lambda row: (-row[1], row[0]))
    return {name: number for name, number in rows if number >= LEAST and "leaklint" not in name.lower()}


def _telling(name: str) -> int:
    """Classes of the project say most, then threads; text and arrays are everywhere."""
    if not name.startswith(LIBRARY):
        return 0
    return 1 if name == "java.lang.Thread" else 3 if name[0] == "[" or name == "java.lang.String" else 2


def _route(session: JvmSession, likely: list[str]) -> list[str]:
    """The way to an object that a few more calls leave behind: of the project's own classes, if it can be."""
    with contextlib.suppress(JdwpError):
        known = {name: set(session.owners.instances(name)) for name in likely[:TRIED]}
        session.sample(MORE)
        for name, before in known.items():
            left = [thing for thing in session.owners.instances(name) if thing not in before]
            for thing in dict.fromkeys((*left[:1], *left[-1:])):  # of a chain, one end is near the root
                found = Route(session.jdwp).to(thing)
                if found:
                    return found
    return []


def _site(session: JvmSession, watch: int, likely: list[str]) -> str:
    """The line that retains; without a holder, the line that makes an object of a class that grew."""
    suspect = session.plan.watches[watch] if watch >= 0 else None
    if suspect is not None and suspect.sites:
        return f"{suspect.path}:{suspect.sites[0].span.line}"
    for name in [name for name in likely if name[0] != "["][:TRIED]:
        with contextlib.suppress(JdwpError):
            if not session.sites.trap(name, LIBRARY):
                continue
            session.sample(3)
            if session.sites.made:
                return _shown(session, *session.sites.made)
    return ""


def _opened(session: JvmSession, calls: int, suspect: Suspect) -> Explanation:
    """Where something is opened that stays open: at the suspect line, if any of it is."""
    lines = {line for site in suspect.sites for line in range(site.span.line, site.span.end_line + 1)}
    own = {f"{suspect.path}:{line}" for line in lines}
    left, closed = (
        [[_shown(session, *line) for line in birth.lines] for birth in births]
        for births in session.opened(calls)
    )
    for places in left:
        for place in own.intersection(places):
            return Explanation(allocation_site=place)
    elsewhere = next((places[0] for places in left if places), "")
    return Explanation(allocation_site=elsewhere, other=any(own.intersection(places) for places in closed))


def _shown(session: JvmSession, package: str, file: str, line: int) -> str:
    """A place in a file, as the file is shown if it is known."""
    for watch in session.plan.watches:
        if watch.package == package and watch.file.endswith(file):
            return f"{watch.path}:{line}"
    path = f"{package.replace('.', '/')}/{file}" if package else file
    for root in session.plan.driver.roots:
        place = Path(root, path)
        if place.is_file():
            with contextlib.suppress(ValueError):
                path = place.relative_to(Path(session.plan.project).resolve()).as_posix()
            break
    return f"{path}:{line}"
