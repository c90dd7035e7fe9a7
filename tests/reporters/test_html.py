"""The page for reviewers, in a real browser: it renders, filters, reports no error and asks for nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from leaklint.report import Report
from leaklint.reporters.base import Style, render

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
Browse = Callable[..., "subprocess.CompletedProcess[str]"]


def page(report: Report) -> str:
    return "".join(render(report, "html", Style()))


@pytest.fixture
def browse(need: Callable[[str], None], tmp_path: Path) -> Browse:
    """Chromium without a window; what its console says is on standard error."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        need("chromium")

    def run(address: str, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                *(str(found), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
                *("--enable-logging=stderr", "--v=0", f"--user-data-dir={tmp_path / 'profile'}"),
                *("--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=2000"),
                *options,
                address,
            ],
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=120,
            check=True,
        )

    return run


def test_everything_is_in_the_page(report: Report) -> None:
    text = page(report)
    assert "<b>2</b> leaks held by <b>2</b> holders" in text
    assert "CACHE[symbol] = ask(&quot;日本&quot;, symbol)" in text
    assert "the key comes from the caller" in text
    assert '<details class="manual" id="rule-LK101">' in text
    assert "<svg viewBox" in text and "0 to 1,200 in 1,200 calls" in text
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:|https://)""", text)
    assert not re.search(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=[\"']http", text), "nothing is loaded"


def test_what_a_project_says_stays_text(report: Report) -> None:
    evil = "</script><script>alert(1)</script>\"'$title"
    report.findings[2] = replace(report.findings[2], message=evil, holder=evil, advice=evil)
    Path("app/quotes.py").write_text(f"# {evil}\n" * 12)
    text = page(report)
    assert "<script>alert" not in text
    assert text.count("<script>") == 1


def test_a_clean_run_says_so(report: Report) -> None:
    text = page(replace(report, findings=[]))
    assert "No leaks found" in text
    assert "<article" not in text


def test_a_browser_shows_it(report: Report, browse: Browse, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(page(report), "utf-8")
    shot = tmp_path / "report.png"
    answer = browse(file.as_uri(), "--window-size=1280,1600", f"--screenshot={shot}")
    assert shot.read_bytes().startswith(b"\x89PNG")
    assert shot.stat().st_size > 50_000, "a page with text and colour does not compress further"
    assert "CONSOLE" not in answer.stderr


def test_it_fits_a_telephone_and_the_dark(report: Report, browse: Browse, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    probe = "<script>document.title = document.documentElement.scrollWidth + ' ' + innerWidth + ' ' + "
    probe += "getComputedStyle(document.body).backgroundColor</script></body>"
    file.write_text(page(report).replace("</body>", probe), "utf-8")
    options = ("--window-size=500,900", "--blink-settings=preferredColorScheme=0", "--dump-dom")
    title = re.search(r"<title>(\d+) (\d+) (.*?)</title>", browse(file.as_uri(), *options).stdout)
    assert title is not None
    assert int(title[1]) <= int(title[2]), "nothing stands out at the side"
    assert title[3] == "rgb(20, 23, 26)"


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("", ["LK001", "LK101", "LK201"]),
        ("#rule=LK101+unbounded-cache", ["LK101"]),
        ("#path=app%2Fchart+%23+1.js", ["LK001", "LK201"]),
        ("#text=resize+dispose", ["LK201"]),
        ("#text=RESIZE+nothing", []),
        ("#without=medium&without=warning", []),
        ("#without=medium", ["LK001", "LK101"]),
    ],
)
def test_filters(report: Report, browse: Browse, tmp_path: Path, state: str, shown: list[str]) -> None:
    file = tmp_path / "report.html"
    file.write_text(page(report), "utf-8")
    answer = browse(file.as_uri() + state, "--dump-dom")
    articles = re.findall(r"<article ([^>]*)>", answer.stdout)
    visible = [re.search(r'data-rule="(\w+)', row)[1] for row in articles if "hidden" not in row]  # type: ignore[index]
    assert sorted(visible) == shown
    told = "3 findings" if len(shown) == 3 else f"{len(shown)} of 3 findings"
    assert f'role="status">{told}</span>' in answer.stdout
    assert ('<p class="none" hidden' in answer.stdout) == bool(shown)
    assert "CONSOLE" not in answer.stderr
