"""Projects of several files: the outermost caller may stand in another one."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from leaklint.config import Project, Settings
from leaklint.discover import search
from leaklint.pipeline import check_files
from leaklint.report import Report
from leaklint.runtime.confirm import confirm
from leaklint.runtime.trial import Options


def confirm_project(folder: Path, files: dict[str, str]) -> Report:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    project = Project(str(folder), Settings(confidence="low"))
    found = search((str(folder),), project)
    report = check_files(found, project, 1)
    shown = {target.path: target.file for target in found.targets}
    confirm(report, shown, replace(Options(str(folder)), budget=5.0), jobs=2)
    return report


STORE = """
OPEN = {}
LOST = {}

def add(key: str):
    OPEN[key] = [key]

def lose(key: str):
    LOST[key] = [key]

class Store:
    def __init__(self):
        self.rows = []

    def record(self, row: str):
        self.rows.append([row])

STORE = Store()
"""
WEB = """
from shop import store
from .store import STORE, lose

def serve(key: str):
    store.add(key)
    getattr(store.OPEN, "pop")(key)

def complain(key: str):
    lose(key)

def note(key: str):
    STORE.record(key)
"""


def test_callers_in_other_files_are_driven(tmp_path: Path) -> None:
    report = confirm_project(
        tmp_path,
        {
            "shop/__init__.py": "",
            "shop/store.py": STORE,
            "shop/web.py": WEB,
            "tests/test_store.py": "from shop import store\n\ndef test_add():\n    store.add('x')\n",
        },
    )
    rows = {row["holder"]: row for row in report.verdicts}
    assert rows["store.OPEN"]["status"] == "refuted", rows["store.OPEN"]
    assert str(rows["store.OPEN"]["trigger"]).endswith("web.py:serve")
    assert rows["store.LOST"]["status"] == "confirmed", rows["store.LOST"]
    assert str(rows["store.LOST"]["trigger"]).endswith("web.py:complain")
    assert rows["Store.rows"]["status"] == "confirmed", rows["Store.rows"]
