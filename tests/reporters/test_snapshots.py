"""Every format renders one fixed report, byte for byte. `--update-snapshots` rewrites what is expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from leaklint.report import Report
from leaklint.reporters.base import FORMATS, Style, render

SNAPSHOTS = Path(__file__).parent / "snapshots"
STYLES = {
    "full.txt": ("full", Style()),
    "full-ascii.txt": ("full", Style(drawing=False, width=60)),
    "full-color.txt": ("full", Style(color=True, statistics=True)),
    "concise.txt": ("concise", Style()),
    "concise-statistics.txt": ("concise", Style(statistics=True)),
    "json.json": ("json", Style()),
}


@pytest.mark.parametrize("name", STYLES)
def test_snapshot(name: str, report: Report, pytestconfig: pytest.Config) -> None:
    format, style = STYLES[name]
    if style.statistics:
        report.seconds = 0.25
    text = "".join(render(report, format, style))
    file = SNAPSHOTS / name
    if pytestconfig.getoption("--update-snapshots"):
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")


@pytest.mark.parametrize("format", FORMATS)
def test_a_clean_run_renders(format: str, folder: Path) -> None:
    text = "".join(render(Report(checked=["a.py"], root=str(folder)), format, Style()))
    expected = {"full": "No leaks found; 1 file checked\n", "concise": ""}
    assert expected.get(format, text) == text


def test_source_text_cannot_command_the_terminal(report: Report) -> None:
    file = Path(report.findings[2].path)
    file.write_text(file.read_text("utf-8").replace("# per process", "# \x1b[2J\x07\u202e"), "utf-8")
    assert not {"\x1b", "\x07", "\u202e"}.intersection("".join(render(report, "full", Style())))


def test_a_file_that_has_gone_costs_its_frame_only(report: Report) -> None:
    Path(report.findings[2].path).unlink()
    assert "app/quotes.py:8:9" in "".join(render(report, "full", Style()))


def test_a_long_line_is_cut_around_what_matters(report: Report) -> None:
    file = Path(report.findings[2].path)
    growth = report.findings[2]
    file.write_text("\n" * 7 + " " * 8 + "CACHE[symbol] = " + "x" * 5000, "utf-8")
    growth.column, growth.end_column = 4000, 4010
    rows = "".join(render(report, "full", Style(width=80))).splitlines()
    assert max(map(len, rows)) <= 100
    assert any("xxx…" in row for row in rows)
