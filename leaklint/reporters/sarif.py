"""SARIF 2.1.0, shaped for GitHub code scanning.

Lists every rule that ran, so that an alert closes when its finding goes; columns are UTF-16 units; paths
start from the top of the repository. What went wrong during the run is a notification, not a result.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from leaklint import __version__
from leaklint.edit import Fix
from leaklint.evidence import Evidence
from leaklint.exits import INTERNAL_ERROR, SYNTAX_ERROR
from leaklint.report import Report
from leaklint.reporters.base import Sources, Style, encode
from leaklint.reporters.linehash import line_hashes
from leaklint.reporters.places import below, most_certain, root_of
from leaklint.rule import Finding, Rule, all_rules

LIMIT = 5000
"""Results that GitHub keeps of one run."""
SHOWN = 100
"""Related locations that GitHub shows of one result; ten times as many make it reject the file."""

LONG = 1000
"""Characters past which a line is not repeated: a few minified ones would be more than may be uploaded."""

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_PROBLEM = {"error": "error", "warning": "warning", "note": "recommendation"}
_ABOUT_RUN = (INTERNAL_ERROR, SYNTAX_ERROR)
Json = dict[str, Any]


def render(report: Report, style: Style, sources: Sources | None = None) -> Iterator[str]:
    """One SARIF log with one run, indented, with a final line break."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_Run(report, sources or Sources()).record()]}
    yield encode(log)


class _Run:
    def __init__(self, report: Report, sources: Sources) -> None:
        self.report = report
        self.sources = sources
        self.root = root_of(report)
        self.rules = [rule for rule in all_rules() if rule.code in set(report.rules).difference(_ABOUT_RUN)]
        self.notices = [rule for rule in all_rules() if rule.code in _ABOUT_RUN]
        self.indexes = {
            rule.code: index for rows in (self.rules, self.notices) for index, rule in enumerate(rows)
        }
        self.hashes = lru_cache(maxsize=16)(_hashes)

    def record(self) -> Json:
        leaks = [finding for finding in self.report.findings if finding.code not in _ABOUT_RUN]
        notices = [self.notice(finding) for finding in self.report.findings if finding.code in _ABOUT_RUN]
        notices += [{"level": "error", "message": {"text": trouble}} for trouble in self.report.troubles]
        if len(leaks) > LIMIT:
            text = f"{len(leaks) - LIMIT} of {len(leaks)} findings were left out, the least certain ones."
            notices.append({"level": "warning", "message": {"text": text}})
        failed = self.report.troubles or any(row.code == INTERNAL_ERROR for row in self.report.findings)
        return {
            "tool": {"driver": self.driver()},
            "automationDetails": {"id": "/".join(filter(None, ("leaklint", self.report.category))) + "/"},
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The top of the repository."}}},
            "invocations": [{"executionSuccessful": not failed, "toolExecutionNotifications": notices}],
            "results": [self.result(finding) for finding in most_certain(leaks, LIMIT)],
        }

    def driver(self) -> Json:
        return {
            "name": "leaklint",
            "informationUri": "https://pypi.org/project/leaklint-cli/",
            "version": __version__,
            "semanticVersion": __version__,
            "rules": [_rule(rule) for rule in self.rules],
            "notifications": [_rule(rule) for rule in self.notices],
        }

    def result(self, finding: Finding) -> Json:
        related = finding.evidence[:SHOWN]
        linked = self.declaration(finding, related)
        if linked is not None:
            related.insert(0, related.pop(linked))
        text = finding.message if linked is None else _link(finding)
        record: Json = {
            "ruleId": finding.code,
            "ruleIndex": self.indexes[finding.code],
            "level": finding.severity,
            "message": {"text": f"{text} {finding.advice}"},
            "locations": [self.location(finding, snippet=True)],
            "partialFingerprints": self.fingerprints(finding),
            "properties": {
                "confidence": finding.confidence,
                "holder": finding.holder,
                "fingerprint": finding.fingerprint,
            },
        }
        if related:
            record["relatedLocations"] = [
                {**self.location(part), "id": number, "message": {"text": part.message}}
                for number, part in enumerate(related, 1)
            ]
            record["codeFlows"] = [{"threadFlows": [{"locations": self.flow(finding, related)}]}]
        if finding.verdict is not None:
            record["properties"]["verdict"] = finding.verdict
        if finding.fix is not None:
            record["fixes"] = [self.fix(finding, finding.fix)]
        return record

    def fix(self, finding: Finding, fix: Fix) -> Json:
        """The edits of a fix, in the file of its finding."""
        source = self.sources[finding.path]
        rows = []
        for edit in fix.edits:
            line, column = source.position(edit.at)
            end_line, end_column = source.position(edit.end)
            region = {
                "startLine": line,
                "startColumn": source.utf16_column(line, column),
                "endLine": end_line,
                "endColumn": source.utf16_column(end_line, end_column),
            }
            rows.append({"deletedRegion": region, "insertedContent": {"text": edit.text}})
        change = {"artifactLocation": self.artifact(finding.path), "replacements": rows}
        return {"description": {"text": f"{fix.title}."}, "artifactChanges": [change]}

    def fingerprints(self, finding: Finding) -> Json:
        """GitHub reads the first; the second tells two results on one line apart."""
        hashes = self.hashes(finding.path)
        line = self.sources[finding.path].line(finding.line)
        indent = len(line) - len(line.lstrip())
        column = {"primaryLocationStartColumnFingerprint": str(finding.column - indent)}
        if finding.line > len(hashes):  # the file has changed since it was checked
            return column
        return {"primaryLocationLineHash": hashes[finding.line - 1], **column}

    def flow(self, finding: Finding, related: list[Evidence]) -> list[Json]:
        """From the holder's declaration to the place that grows."""
        steps = [part for part in related if not _same_place(part, finding)]
        growth = next((part.message for part in related if _same_place(part, finding)), finding.message)
        rows = [(part, part.message) for part in steps] + [(finding, growth)]
        return [{"location": {**self.location(part), "message": {"text": text}}} for part, text in rows]

    def declaration(self, finding: Finding, related: list[Evidence]) -> int | None:
        """Which evidence shows the holder's declaration: the first elsewhere that spells its name."""
        name = finding.holder.rpartition(".")[2]
        if not name or not _mention(finding):
            return None
        for index, part in enumerate(related):
            if not _same_place(part, finding) and name in self.sources[part.path].line(part.line):
                return index
        return None

    def notice(self, finding: Finding) -> Json:
        return {
            "level": finding.severity,
            "message": {"text": finding.message},
            "descriptor": {"id": finding.code, "index": self.indexes[finding.code]},
            "locations": [self.location(finding)],
        }

    def location(self, part: Finding | Evidence, snippet: bool = False) -> Json:
        """A place on one line: GitHub shows an alert in a pull request only if all its lines changed."""
        source = self.sources[part.path]
        text = source.line(part.line)
        end = part.end_column if part.end_line == part.line else len(text) + 1
        region: Json = {
            "startLine": max(1, part.line),
            "startColumn": max(1, source.utf16_column(part.line, part.column)),
            "endLine": max(1, part.line),
            "endColumn": max(1, source.utf16_column(part.line, end)),
        }
        if snippet and len(text) <= LONG:
            region["snippet"] = {"text": text}
        return {"physicalLocation": {"artifactLocation": self.artifact(part.path), "region": region}}

    def artifact(self, path: str) -> Json:
        inside = below(path, self.root)
        if inside is None:
            return {"uri": "file://" + _uri(os.path.realpath(path))}
        return {"uri": _uri(inside), "uriBaseId": "%SRCROOT%"}


def _rule(rule: Rule) -> Json:
    manual = rule.manual.strip()
    body = manual.partition("\n")[2].strip()
    what = re.search(r"## What it does\n(.*?)(?:\n\n|\Z)", body, re.DOTALL)
    summary = rule.summary or rule.message  # rules of a project need not have a manual
    full = " ".join(what[1].split()) if what else summary
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": f"{summary[:1].upper()}{summary[1:1000]}"},
        "fullDescription": {"text": full[:1000]},
        "help": {"text": manual or full, "markdown": f"# {rule.name} ({rule.code})\n\n{body or full}\n"},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {
            "tags": _tags(rule),
            "precision": rule.ceiling,
            "problem.severity": _PROBLEM[rule.severity],
        },
    }


def _tags(rule: Rule) -> list[str]:
    if rule.family == "run":
        return ["leaklint"]
    return ["memory-leak", rule.family, f"external/cwe/cwe-{rule.cwe}", *rule.languages]


def _mention(finding: Finding) -> re.Match[str] | None:
    """Where the message first names the holder, in backquotes."""
    names = (finding.holder, finding.holder.rpartition(".")[2], finding.holder.partition(".")[2])
    return next(
        (found for name in names if name and (found := re.search(f"`{re.escape(name)}`", finding.message))),
        None,
    )


def _link(finding: Finding) -> str:
    """The message with the holder's name linked to its declaration, related location 1."""
    found = _mention(finding)
    if found is None:
        return finding.message
    head, name, tail = finding.message[: found.start()], found[0], finding.message[found.end() :]
    return f"{head}[{name}](1){tail}"


def _same_place(one: Evidence, other: Finding) -> bool:
    return (one.path, one.line, one.column) == (other.path, other.line, other.column)


def _uri(path: str) -> str:
    return quote(os.fsencode(path.replace(os.sep, "/")))


def _hashes(path: str) -> list[str]:
    try:
        with open(path, "rb") as file:
            return line_hashes(file.read())
    except OSError:  # gone since it was checked: GitHub fills in what is missing
        return []
