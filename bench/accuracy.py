"""Recomputes the figures of docs/accuracy.md that can be recomputed, and fails where a page is out of date.

    accuracy.py [--write] [--repositories FOLDER]

Every finding of the default level on the repositories of docs/accuracy/repositories.json was read; what it
was taken for stands in docs/accuracy/findings.jsonl. This runs leaklint on those commits again and compares:
a finding that nobody has read, or one that is gone, is an error. The table between the two marks of
docs/accuracy.md and rules/measured.json follow from that list, and --write renews them.

FOLDER holds the clones, one a repository; what is missing there is cloned (some hundred megabytes).
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "accuracy"
MARKS = ("<!-- repositories: make accuracy -->", "<!-- end -->")
VERDICTS = ("real", "arguable", "false")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="renew the table and rules/measured.json")
    parser.add_argument("--repositories", type=Path, default=Path(tempfile.gettempdir(), "leaklint-accuracy"))
    given = parser.parse_args()
    repositories = json.loads((PAGES / "repositories.json").read_text())
    read = [json.loads(line) for line in (PAGES / "findings.jsonl").read_text().splitlines()]
    troubles = []
    known = Counter(_key(row) for row in read)
    for repository in repositories["repositories"]:
        found = Counter(
            _key(row) for row in _findings(repository, repositories["exclude"], given.repositories)
        )
        mine = Counter({key: number for key, number in known.items() if key[0] == repository["name"]})
        troubles += [f"not read yet: {' '.join(key)}" for key in sorted(found - mine)]
        troubles += [f"no longer found: {' '.join(key)}" for key in sorted(mine - found)]
    for page, text in _pages(repositories, read).items():
        if given.write:
            page.write_text(text)
        elif page.read_text() != text:
            troubles.append(f"out of date: {page.relative_to(ROOT)} (renew it with --write)")
    print("\n".join(troubles) or f"{len(read)} findings, all read; the pages are up to date")
    return 1 if troubles else 0


def _key(row: dict[str, str]) -> tuple[str, str, str, str]:
    return row["repository"], row["path"], row["code"], row["holder"]


def _findings(repository: dict[str, str], exclude: str, folder: Path) -> list[dict[str, str]]:
    clone = folder / repository["name"]
    if not clone.exists():
        source = f"https://github.com/{repository['repository']}"
        subprocess.run(["git", "clone", "--quiet", "--filter=blob:none", source, str(clone)], check=True)
    if (clone / ".git").exists():
        subprocess.run(["git", "-C", str(clone), "checkout", "--quiet", repository["commit"]], check=True)
    command = [sys.executable, "-m", "leaklint", "check", "--no-cache", "--isolated", "--exit-zero"]
    done = subprocess.run(
        [*command, "--output-format", "json", repository["source"]],
        cwd=clone,
        stdout=subprocess.PIPE,
        check=True,
    )
    rows = json.loads(done.stdout)["findings"]
    wanted = [row for row in rows if not re.search(exclude, row["path"]) and row["code"] >= "LK100"]
    return [{"repository": repository["name"], **row, "holder": row["holder"] or ""} for row in wanted]


def _pages(repositories: dict[str, list[dict[str, str]]], read: list[dict[str, str]]) -> dict[Path, str]:
    """The pages as they ought to be."""
    lines = ["| repository | findings | real | arguable | false |", "|---|---|---|---|---|"]
    names = [(row["name"], row["repository"]) for row in repositories["repositories"]]
    for name, title in (*names, ("", "together")):
        counts = Counter(row["verdict"] for row in read if not name or row["repository"] == name)
        cells = [title, str(counts.total()), *(str(counts[verdict]) for verdict in VERDICTS)]
        lines.append(f"| {' | '.join(cells)} |")
    page = PAGES.with_suffix(".md")
    before, rest = page.read_text().split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    table = "\n".join(lines)
    by_rule: dict[str, dict[str, int]] = {}
    for row in read:
        by_rule.setdefault(row["code"], dict.fromkeys(VERDICTS, 0))[row["verdict"]] += 1
    return {
        page: f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}",
        ROOT / "rules" / "measured.json": json.dumps(dict(sorted(by_rule.items())), indent=1) + "\n",
    }


if __name__ == "__main__":
    sys.exit(main())
