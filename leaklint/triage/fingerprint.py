"""A finding's identity from one commit to the next: it survives edits elsewhere, and a moved file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import PurePosixPath

from leaklint.rule import Finding
from leaklint.source import SourceFile


def fingerprint(findings: Iterable[Finding], source: SourceFile) -> None:
    """Fill the fingerprint of every finding of one file: rule, holder, growth line; no path, no number.

    Equal ones are told apart by their order in the file.
    """
    seen: Counter[str] = Counter()
    stem = PurePosixPath(source.path).stem
    for finding in sorted(findings, key=lambda finding: (finding.at, finding.code)):
        line = " ".join(source.line(finding.line).split())
        holder = finding.holder.removeprefix(f"{stem}.")
        text = "\0".join((finding.code, holder, line))
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        seen[digest] += 1
        finding.fingerprint = f"{digest}:{seen[digest]}"
