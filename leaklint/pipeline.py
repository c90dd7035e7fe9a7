"""The whole way of a run: read, look up, analyse, link, show. Reads aloud in a minute.

Files are analysed a batch at a time, in this process or in others. Paths are those below the project's
root until the end, so that a result does not depend on where leaklint was called from.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from pathlib import Path

import msgspec

from leaklint import workers
from leaklint.analysis import Analysis, analyse, notice, order, unread, visible
from leaklint.cache import Cache
from leaklint.config import Project, Settings, git_top
from leaklint.discover import Search, Target, unwanted
from leaklint.discover import shown as shown_path
from leaklint.errors import UnreadableFile
from leaklint.evidence import Evidence
from leaklint.report import Report, Skip
from leaklint.rule import Finding, all_rules
from leaklint.solve.interface import Interface, Links
from leaklint.source import SourceFile, to_utf8
from leaklint.triage.dedupe import one_a_holder
from leaklint.triage.select import check_selectors, enabled, exemptions


class Job(msgspec.Struct):
    """A file to analyse. path: below the project's root; shown: as the user sees it."""

    file: str
    path: str
    shown: str
    data: bytes
    key: bytes = b""
    links: Links | None = None


def check_source(source: SourceFile, settings: Settings | None = None) -> list[Finding]:
    """The findings of one text, in source order, as a user would see them with these settings."""
    settings = settings or Settings()
    return visible(analyse(source), source, source.path, settings, enabled(all_rules(), settings))


def check_files(
    found: Search,
    project: Project,
    jobs: int = 0,
    cache: Cache | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Check every file that a search found, in as many processes as the work is worth.

    progress: told after each batch how many of the files that the cache does not hold are done.
    """
    settings = project.settings
    rules = all_rules()
    check_selectors(rules, (*settings.select, *settings.extend_select, *settings.ignore))
    exempt = exemptions(rules, project)
    report = Report(skipped=list(found.skipped), troubles=list(found.troubles))
    report.root = str(git_top(Path(project.root)) or project.root)
    on = enabled(rules, settings)
    report.rules = tuple(rule.code for rule in on)

    work = _read(found.targets, project, report)
    known = _analysed(work, jobs, cache, progress)
    links = _links(known, work, found, project, cache, report)
    for job in work:
        job.links = links.get(job.path)
    known |= _analysed([job for job in work if job.links], jobs, cache)

    rename = _Renamed({job.path: job.shown for job in work}, project)
    for job in work:
        analysis = known[job.path]
        report.opaque += analysis.opaque
        source = _source(job) if analysis.suppressions else None
        findings = map(rename, visible(analysis, source, job.path, settings, on))
        report.findings += [finding for finding in findings if not exempt(finding)]
    report.findings = sorted(one_a_holder(report.findings), key=order)
    report.skipped.sort()
    return report


def _read(targets: Iterable[Target], project: Project, report: Report) -> list[Job]:
    """The content of every file that is worth analysing; the others are noted in the report."""
    work = []
    for target in targets:
        try:
            raw = Path(target.file).read_bytes() if target.data is None else target.data
        except OSError as error:
            report.troubles.append(str(UnreadableFile(target.path, error.strerror or str(error))))
            continue
        if reason := unwanted(raw, target.explicit, target.path):
            report.skipped.append(Skip(target.path, reason))
            continue
        report.checked.append(target.path)
        work.append(Job(target.file, _below(project.root, target.file), target.path, raw))
    return work


def _analysed(
    work: Sequence[Job],
    jobs: int,
    cache: Cache | None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Analysis]:
    """The analysis of every file, by path: out of the cache where it has one."""
    known: dict[str, Analysis] = {}
    missing = []
    for job in work:
        if cache is not None:
            job.key = cache.key(job.path, job.data, _digest(job.links))
            if (analysis := cache.get(job.key)) is not None:
                known[job.path] = analysis
                continue
        missing.append(job)
    groups = workers.batches(missing, lambda job: len(job.data))
    keys = {job.path: job.key for job in missing}
    done = 0
    for part in workers.run(_analyse_batch, groups, workers.processes(jobs, len(missing)), _lost):
        known |= part
        if cache is not None:
            cache.put((keys[path], analysis) for path, analysis in part.items())
        done += len(part)
        if progress is not None:
            progress(done, len(missing))
    return known


def _analyse_batch(batch: Sequence[Job]) -> dict[str, Analysis]:
    """Analyse files one after the other. Collection of cycles waits: the records have none."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return {job.path: _analyse(job) for job in batch}
    finally:
        if collecting:
            gc.enable()


def _analyse(job: Job) -> Analysis:
    try:
        return analyse(_source(job), job.links)
    except UnreadableFile as error:
        return unread(job.path, job.data, error.reason)


def _source(job: Job) -> SourceFile:
    return SourceFile(job.path, to_utf8(job.data, job.path))


def _lost(job: Job) -> dict[str, Analysis]:
    """What is left to say of a file that killed the process that analysed it."""
    return {job.path: Analysis([notice("LK000", job.path, "the process that checked it died")])}


def _links(
    known: dict[str, Analysis],
    work: Sequence[Job],
    found: Search,
    project: Project,
    cache: Cache | None,
    report: Report,
) -> dict[str, Links]:
    """What the files of the project say of each other: those of this run, and those that the cache knows."""
    from leaklint.solve import link

    interfaces = {path: analysis.interface for path, analysis in known.items()}
    whole = os.path.abspath(project.root) in found.roots
    indexed = whole or (cache is not None and cache.is_whole())
    if cache is not None:
        stamped = {job.path: (_stamp(job.file), interfaces[job.path]) for job in work}
        is_project = bool(project.file) or git_top(Path(project.root)) is not None
        report.alone = is_project and not indexed
        if not whole and indexed:
            interfaces = _remembered(cache, project, interfaces) | interfaces
        elif whole:
            gone = cache.interfaces().keys() - stamped.keys()
            stamped |= dict.fromkeys(gone, ("", None))
        cache.put_interfaces(stamped, whole=whole)
    if not indexed and not all(map(os.path.isdir, found.roots)):
        return {}  # what is said of a file must not depend on which others were named with it
    return link(interface for interface in interfaces.values() if interface is not None)


def _remembered(
    cache: Cache, project: Project, seen: dict[str, Interface | None]
) -> dict[str, Interface | None]:
    """Interfaces of the other files of the project; those that changed since are analysed anew."""
    found: dict[str, Interface | None] = {}
    for path, (stamp, interface) in cache.interfaces().items():
        if path in seen:
            continue
        file = os.path.join(project.root, path)
        if (now := _stamp(file)) == stamp:
            found[path] = interface
        elif now:
            job = Job(file, path, path, Path(file).read_bytes())
            found[path] = _analysed([job], 1, cache)[path].interface
    return found


def _stamp(file: str) -> str:
    """Size and time of a file; "" when it is gone."""
    try:
        status = os.stat(file)
    except OSError:
        return ""
    return f"{status.st_size}:{status.st_mtime_ns}"


def _digest(links: Links | None) -> bytes:
    return blake2b(msgspec.msgpack.encode(links), digest_size=16).digest() if links else b""


def _below(root: str, file: str) -> str:
    """Path of a file below a folder, with forward slashes; the whole path when it lies elsewhere."""
    path = os.path.relpath(os.path.abspath(file), root)
    return (os.path.abspath(file) if path.startswith("..") else path).replace(os.sep, "/")


class _Renamed:
    """Turns the paths of findings into those that the user sees."""

    def __init__(self, shown: dict[str, str], project: Project) -> None:
        self._shown = shown
        self._root = project.root

    def __call__(self, finding: Finding) -> Finding:
        parts: list[Finding | Evidence] = [finding, *finding.evidence]
        for part in parts:
            if (shown := self._shown.get(part.path)) is None:
                file = os.path.join(self._root, part.path)
                shown = self._shown[part.path] = shown_path(file)
            part.path = shown
        return finding
