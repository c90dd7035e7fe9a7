"""The report in each of its forms, from readings that are made up."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from leaklint.errors import UsageError
from leaklint.runtime.monitor.html import page
from leaklint.runtime.monitor.limit import cgroup_limit, parse_size
from leaklint.runtime.monitor.plot import plot
from leaklint.runtime.monitor.prometheus import metrics, write
from leaklint.runtime.monitor.record import Limit, Reading, Report, Stop, Target, document
from leaklint.runtime.monitor.text import render
from leaklint.runtime.monitor.verdict import judge, series
from leaklint.runtime.monitor.words import period

MB = 1_000_000


def _report(count: int = 60, limit: Limit | None = None, **growth: float) -> Report:
    """Readings a second apart; every kind starts at 100 MB and grows by so much a reading."""
    readings = [
        Reading(float(i), {name: 100.0 * MB + i * rate for name, rate in growth.items()})
        for i in range(1, count + 1)
    ]
    found = series(readings, 1.0)
    target = Target(7, ["node", 'ser"ver.js', "<b>"], True, ["node"])
    return Report(target, 1.0, Stop("target", 3), judge(found, limit), found, readings, limit, ["a <note>"])


LEAK = {"rss": 200e3, "uss": 200e3, "heap_used": 180e3, "heap_committed": 190e3, "external": 0.0}


@pytest.mark.parametrize(
    ("status", "where", "growth"),
    [
        ("leak", "heap", LEAK),
        ("leak", "external", {**LEAK, "heap_used": 0.0, "heap_committed": 0.0, "external": 190e3}),
        ("leak", "native", {**LEAK, "heap_used": 0.0, "heap_committed": -4e6}),
        ("leak", "unknown", {"rss": 200e3, "uss": 200e3}),
        ("leak", "unknown", {"rss": 200e3}),
        ("leak", "heap", {"rss": 200e3, "uss": 200e3, "blocks": 30e3, "malloc": 100e3}),
        ("leak", "native", {"rss": 200e3, "uss": 200e3, "blocks": 0.0, "malloc": 190e3}),
        ("leak", "unknown", {"rss": 200e3, "uss": 200e3, "blocks": 0.0, "malloc": 0.0}),
        ("steady", "", {"rss": 200e3, "uss": 0.0}),  # shared pages, or a file that is read
        # it takes pages that the heap has reserved
        ("unclear", "", {"rss": 200e3, "uss": 200e3, "heap_used": 0.0, "heap_committed": 200e3}),
    ],
)
def test_where_it_leaks(status: str, where: str, growth: dict[str, float]) -> None:
    verdict = _report(**growth).verdict
    assert (verdict.status, verdict.where) == (status, where), verdict


def test_time_until_the_limit() -> None:
    report = _report(limit=Limit(200 * MB, "--limit"), **LEAK)
    assert report.verdict.rate_mb_per_minute == pytest.approx(180e3 * 60 / MB)
    assert report.verdict.seconds_until_limit == pytest.approx((100 - 0.2 * 60) * MB / 180e3)
    assert _report(limit=Limit(200 * MB, "--limit"), rss=0.0).verdict.seconds_until_limit is None


def test_json() -> None:
    report = _report(limit=Limit(200 * MB, "cgroup v2"), **LEAK)
    data = json.loads(document(report))
    assert list(data)[:2] == ["schema", "version"] and data["schema"] == "leaklint-memory-trend"
    assert data["version"] == 1 and data["stopped"] == {"reason": "target", "code": 3}
    assert data["readings"][0] == {"seconds": 1.0, **{name: 100.0 * MB + rate for name, rate in LEAK.items()}}
    assert len(data["readings"]) == 60 and data["series"]["rss"]["status"] == "leak"
    assert data["limit"] == {"bytes": 200 * MB, "source": "cgroup v2"} and data["notes"] == ["a <note>"]
    assert json.loads(document(_report(0)))["readings"] == []


def test_text() -> None:
    lines = list(render(_report(limit=Limit(200 * MB, "cgroup v2"), **LEAK), width=80))
    assert lines[0] == "node 'ser\"ver.js' '<b>' (pid 7, node)"
    assert lines[1] == "leak: +10.80 ± 0.00 MB a minute in the heap; grows steadily"
    assert "  limit 200.0 MB (cgroup v2): reached in 8.15 min at this rate" in lines
    assert "  60 readings in 60 s, until the process ended with code 3" in lines
    assert any(line.startswith("heap in use") and "leak" in line for line in lines)
    assert max(map(len, lines)) <= 120
    assert all(line.isascii() or "±" in line for line in render(_report(**LEAK), drawing=False))
    assert "\x1b[1;31mleak\x1b[0m" in next(
        line for line in render(_report(**LEAK), color=True) if "leak" in line
    )
    assert list(render(_report(0)))[1].startswith("unclear")


class _Tags(HTMLParser):
    """Checks that tags close and that nothing is fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert not {"src", "href"} & {name for name, _ in attrs}
        if tag not in ("meta", "line"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html() -> None:
    text = page(_report(limit=Limit(200 * MB, "cgroup v2"), **LEAK))
    tags = _Tags()
    tags.feed(text)
    assert not tags.open and tags.seen.count("polyline") == 5 and "svg" in tags.seen
    assert "<note>" not in text and "&lt;note&gt;" in text and "http" not in text
    assert page(_report(0)) and page(_report(5000, rss=1e3)).count(",") < 5000


def test_prometheus_text_format(tmp_path: Path) -> None:
    text = metrics(_report(limit=Limit(200 * MB, "cgroup v2"), **LEAK), 1.5e9)
    label = r'[a-z_]+="(?:[^"\\\n]|\\.)*"'
    sample = re.compile(rf"(leaklint_[a-z_]+)\{{{label}(?:,{label})*\}} -?[\d.e+]+")
    families: list[str] = []
    for line in text.splitlines():
        if line.startswith("# TYPE"):
            families.append(line.split()[2])
        elif not line.startswith("#"):
            found = sample.fullmatch(line)
            assert found and found[1] == families[-1], line
    assert len(families) == len(set(families)) == 6  # each once, its samples together
    assert text.endswith("\n") and 'leaklint_memory_status{pid="7",process="node",status="leak"} 1\n' in text
    write("old\n", tmp_path / "leaklint.prom")
    write(text, tmp_path / "leaklint.prom")
    assert [file.name for file in tmp_path.iterdir()] == ["leaklint.prom"]
    assert (tmp_path / "leaklint.prom").read_text() == text
    assert (tmp_path / "leaklint.prom").stat().st_mode & 0o777 == 0o644  # the collector is another user
    with pytest.raises(UsageError):
        write(text, tmp_path / "missing" / "leaklint.prom")


def test_plot() -> None:
    lines = plot([float(i) for i in range(100)], 20, 5)
    assert len(lines) == 5 and all(len(line) <= 20 for line in lines)
    assert plot([1.0, 2.0, 3.0], 3, 3, braille=False) == ["  *", " **", "**"]
    assert plot([5.0], 4, 2, braille=False) == ["", "****"]


def test_sizes_and_periods() -> None:
    assert [parse_size(text) for text in ("512", "2k", "1.5GB", "512MiB", "4 GiB".replace(" ", ""))] == [
        512, 2000, 1_500_000_000, 512 << 20, 4 << 30,
    ]  # fmt: skip
    for wrong in ("", "MB", "1.2.3", "12XB"):
        with pytest.raises(UsageError):
            parse_size(wrong)
    assert [period(value) for value in (0.5, 45, 600, 9000, 1e6)] == [
        "0.5 s",
        "45 s",
        "10 min",
        "2.5 h",
        "11.6 days",
    ]


def _file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_cgroup_version_2_takes_the_least_limit_of_the_path(tmp_path: Path) -> None:
    _file(tmp_path / "proc/9/cgroup", "0::/pod/container\n")
    assert cgroup_limit(9, tmp_path / "proc", tmp_path / "fs") is None
    _file(tmp_path / "fs/pod/container/memory.max", "max\n")
    _file(tmp_path / "fs/pod/memory.max", "1000000\n")
    _file(tmp_path / "fs/memory.max", "2000000\n")
    assert cgroup_limit(9, tmp_path / "proc", tmp_path / "fs") == Limit(1_000_000, "cgroup v2")
    assert cgroup_limit(10, tmp_path / "proc", tmp_path / "fs") is None


def test_cgroup_version_1(tmp_path: Path) -> None:
    _file(tmp_path / "proc/9/cgroup", "3:cpu,cpuacct:/docker/x\n2:memory:/docker/x\n0::/\n")
    _file(tmp_path / "fs/memory/memory.limit_in_bytes", "9223372036854771712\n")
    assert cgroup_limit(9, tmp_path / "proc", tmp_path / "fs") is None
    # inside a container the path is the host's, and the limit lies at the root
    _file(tmp_path / "fs/memory/memory.limit_in_bytes", "536870912\n")
    assert cgroup_limit(9, tmp_path / "proc", tmp_path / "fs") == Limit(536_870_912, "cgroup v1")
