"""One page for reviewers: findings by holder, with evidence and code, that needs no network and no server.

Everything stands in the page as text, so it can be read, searched and printed without its script; the script
only filters. Whatever comes from a project is escaped.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape
from importlib import resources
from string import Template
from typing import Any

from leaklint import __version__
from leaklint.report import Report
from leaklint.reporters.base import Sources, Style
from leaklint.reporters.frame import Mark, cells_of, lines_of, visible
from leaklint.reporters.full import marks_of, summary
from leaklint.reporters.places import below, certainty, root_of
from leaklint.rule import CONFIDENCES, SEVERITIES, Finding, Rule, all_rules
from leaklint.source import SourceFile

Group = tuple[str, str]


def render(report: Report, style: Style, sources: Sources | None = None) -> Iterator[str]:
    """The whole page."""
    page = Template(resources.files("leaklint.reporters").joinpath("page.html").read_text("utf-8"))
    writer = _Page(report, sources or Sources())
    text = page.substitute(
        title=escape(f"leaklint: {os.path.basename(writer.root) or 'report'}"),
        project=escape(os.path.basename(writer.root) or "this folder"),
        version=escape(__version__),
        headline=writer.headline(),
        summary=escape(summary(report)),
        bars="".join(writer.bars()),
        rules="".join(writer.options(f"{row.code} {row.rule}" for row in report.findings)),
        paths="".join(writer.options(writer.shown(row.path) for row in report.findings)),
        confidences="".join(writer.switches("confidence", CONFIDENCES)),
        severities="".join(writer.switches("severity", SEVERITIES)),
        groups="".join(writer.groups()),
        manuals="".join(writer.manuals()),
    )
    yield text.encode("utf-8", "backslashreplace").decode()


class _Page:
    def __init__(self, report: Report, sources: Sources) -> None:
        self.report = report
        self.sources = sources
        self.root = root_of(report)
        self.leaks = [finding for finding in report.findings if finding.holder]

    def shown(self, path: str) -> str:
        return below(path, self.root) or path

    def headline(self) -> str:
        """What a reader wants to know first."""
        found = [row for row in self.leaks if (row.verdict or {}).get("status") != "refuted"]
        number = len(found)
        if not number:
            return "No leaks found"
        holders = len({_group(finding) for finding in found})
        leaks, noun = _plural(number, "leak"), _plural(holders, "holder")
        return f"<b>{number}</b> {leaks} held by <b>{holders}</b> {noun}"

    def bars(self) -> Iterator[str]:
        """How often each rule spoke; each bar is a filter."""
        counts = Counter((row.code, row.rule) for row in self.report.findings)
        most = max(counts.values(), default=1)
        for (code, name), number in sorted(counts.items(), key=lambda row: (-row[1], row[0])):
            yield (
                f'<button class="bar" data-rule="{escape(code)} {escape(name)}" '
                f'style="--part:{100 * number / most:.0f}%"><span>{escape(code)} {escape(name)}</span>'
                f"<b>{number}</b></button>"
            )

    def options(self, words: Iterator[str]) -> Iterator[str]:
        for word, number in sorted(Counter(words).items()):
            yield f'<option value="{escape(word)}">{escape(word)} ({number})</option>'

    def switches(self, field: str, values: tuple[str, ...]) -> Iterator[str]:
        """One switch for each value that occurs, the most important first."""
        found = Counter(getattr(finding, field) for finding in self.report.findings)
        for value in reversed(values):
            if found[value]:
                yield (
                    f'<label class="switch {value}"><input type="checkbox" checked data-{field}="{value}">'
                    f"{value} <b>{found[value]}</b></label>"
                )

    def groups(self) -> Iterator[str]:
        """The findings of each holder together, the most certain holders first."""
        by_group: dict[Group, list[Finding]] = {}
        for finding in self.report.findings:
            by_group.setdefault(_group(finding), []).append(finding)
        for (holder, path), findings in sorted(by_group.items(), key=lambda row: _weight(*row)):
            name = f"<code>{escape(holder)}</code>" if holder else "About this run"
            where = f'<span class="where">{escape(self.shown(path))}</span>' if path else ""
            yield f'<details class="group" open><summary><h2>{name}</h2>{where}'
            yield f'<span class="count">{len(findings)}</span></summary>'
            for finding in findings:
                yield from self.article(finding)
            yield "</details>"

    def article(self, finding: Finding) -> Iterator[str]:
        path = self.shown(finding.path)
        words = " ".join((finding.message, finding.advice, finding.holder, path, finding.code, finding.rule))
        yield (
            f'<article class="{finding.severity}" data-rule="{escape(finding.code)} {escape(finding.rule)}" '
            f'data-confidence="{finding.confidence}" data-severity="{finding.severity}" '
            f'data-path="{escape(path)}" data-text="{escape(words.lower())}">'
            f'<header><p class="message">{_inline(finding.message)}</p><p class="labels">'
            f'<a class="label" href="#rule-{escape(finding.code)}">{escape(finding.code)} '
            f'{escape(finding.rule)}</a><span class="label sev">{finding.severity}</span>'
            f'<span class="label">{finding.confidence} confidence</span></p></header>'
        )
        for file, marks in marks_of(finding, self.sources).items():
            yield from self.frame(file, marks)
        yield f'<p class="advice"><b>What to do</b> {_inline(finding.advice)}</p>'
        if finding.verdict is not None:
            yield from _verdict(finding.verdict)
        yield "</article>"

    def frame(self, path: str, marks: list[Mark]) -> Iterator[str]:
        """The marked lines of one file, each with its remarks below it."""
        source: SourceFile = self.sources[path]
        by_line: dict[int, list[Mark]] = {}
        for mark in sorted(set(marks), key=lambda mark: (mark.line, not mark.primary, mark.column)):
            by_line.setdefault(mark.line, []).append(mark)
        first = next((mark for mark in marks if mark.primary), marks[0])
        yield f"<figure><figcaption>{escape(self.shown(path))}:{first.line}:{first.column}</figcaption><div>"
        last = 0
        for number in lines_of(by_line, source):
            if last and number > last + 1:
                yield '<p class="gap"><i></i>⋯</p>'
            last = number
            text = source.line(number)
            here = by_line.get(number, [])
            kind = " hit" if any(mark.primary for mark in here) else ""
            yield f'<p class="line{kind}"><i>{number}</i><code>{escape(visible(text[:2000]))}</code></p>'
            for mark in here:
                left, over = cells_of(text[: mark.column - 1]), cells_of(text[mark.column - 1 : mark.end - 1])
                kind = "primary" if mark.primary else "other"
                yield (
                    f'<p class="mark {kind}"><i></i><span style="margin-left:{left}ch">'
                    f'<s style="width:{max(1, over)}ch"></s>{_inline(mark.label)}</span></p>'
                )
        yield "</div></figure>"

    def manuals(self) -> Iterator[str]:
        """The page of each rule that spoke, to open in place."""
        spoke = {finding.code for finding in self.report.findings}
        for rule in all_rules():
            if rule.code in spoke:
                yield _manual(rule)


def _manual(rule: Rule) -> str:
    from markdown_it import MarkdownIt

    body = rule.manual.strip().partition("\n")[2]
    text = MarkdownIt("commonmark", {"html": False}).render(body.replace("\n## ", "\n### "))
    return (
        f'<details class="manual" id="rule-{escape(rule.code)}"><summary><b>{escape(rule.code)} '
        f"{escape(rule.name)}</b> {_inline(rule.summary)}</summary>{text}</details>"
    )


def _verdict(verdict: Mapping[str, Any]) -> Iterator[str]:
    """What running the code said, with the growth drawn as a line."""
    status = str(verdict["status"])
    series = [float(value) for value in verdict.get("series") or ()]
    detail = str(verdict.get("reason") or "")
    if verdict.get("retaining_path"):
        detail += (" · " if detail else "") + "kept by " + " → ".join(verdict["retaining_path"])
    yield f'<div class="verdict {escape(status)}"><b>{escape(status)}</b> {escape(detail)}'
    if len(series) > 1:
        low, high = min(series), max(series)
        reach = (high - low) or 1
        step = 240 / (len(series) - 1)
        points = " ".join(
            f"{index * step:.1f},{56 - (value - low) / reach * 50:.1f}" for index, value in enumerate(series)
        )
        told = f"{verdict['counted']}: {low:,.0f} to {high:,.0f} in {verdict['calls']:,} calls"
        if verdict.get("trigger"):
            told += f"; called {verdict['trigger']} on {verdict['runtime']}, "
            told += f"budget {verdict['budget']:g} s a series"
        yield (
            f'<svg viewBox="0 0 240 60" role="img" aria-label="{escape(told)}">'
            f'<polyline points="{points}"/></svg><small>{escape(told)}</small>'
        )
    yield "</div>"


def _group(finding: Finding) -> Group:
    """Holders of one name in two files are two; globals such as `window` are one everywhere."""
    return finding.holder, finding.path if "." in finding.holder else ""


def _weight(group: Group, findings: list[Finding]) -> tuple[object, ...]:
    severity, confidence = max(map(certainty, findings))
    return not group[0], -severity, -confidence, -len(findings), group


def _inline(text: str) -> str:
    """Text with names in backquotes set as code."""
    pieces = escape(text).split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return "".join(f"<code>{piece}</code>" if index % 2 else piece for index, piece in enumerate(pieces))


def _plural(number: int, noun: str) -> str:
    return noun if number == 1 else f"{noun}s"
