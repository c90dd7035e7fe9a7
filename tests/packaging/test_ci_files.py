"""The action, its workflow and the Dockerfile: read by linters, and their steps run as plain commands."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from shell import sh

ROOT = Path(__file__).parents[2]
LEAK = "CACHE = {}\n\n\ndef remember(key, value):\n    CACHE[key] = value\n"


@pytest.fixture
def action(tools: Path) -> dict[str, Any]:
    """action.yml as data, read by the YAML parser that came with the tools."""
    program = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))"
    answer = sh(tools / "python", "-c", program, ROOT / "action.yml", cwd=ROOT)
    assert answer.returncode == 0, answer.stderr
    loaded: dict[str, Any] = json.loads(answer.stdout)
    return loaded


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-actions", "action.yml"),
        ("vendor.github-workflows", ".github/workflows/leaklint.yml"),
    ],
)
def test_the_schema_of_github(tools: Path, schema: str, file: str) -> None:
    answer = sh(tools / "check-jsonschema", "--builtin-schema", schema, ROOT / file, cwd=ROOT)
    assert answer.returncode == 0, answer.stdout


def test_inputs_reach_a_shell_only_through_its_environment(action: dict[str, Any]) -> None:
    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def step(action: dict[str, Any], name: str) -> str:
    return next(str(row["run"]) for row in action["runs"]["steps"] if row.get("name") == name)


@pytest.mark.parametrize(("fail_on", "code"), [("", 1), ("error", 0)])
def test_the_check_of_the_action(action: dict[str, Any], tmp_path: Path, fail_on: str, code: int) -> None:
    (tmp_path / "app.py").write_text(LEAK)
    answer = sh(
        *("bash", "-e", "-c", step(action, "Check")),
        cwd=tmp_path,
        PYTHON=sys.executable,
        SRC=". app.py",
        ARGS="--statistics --no-cache",
        SARIF="out.sarif",
        CATEGORY="web",
        LEAKLINT_FAIL_ON=fail_on,
        LEAKLINT_NEW_FROM="",
    )
    assert answer.returncode == code, answer.stderr
    assert answer.stdout.startswith("::warning title=leaklint (LK101 unbounded-cache),file=app.py,line=5")
    run = json.loads((tmp_path / "out.sarif").read_text())["runs"][0]
    assert run["automationDetails"]["id"] == "leaklint/web/"


def test_the_installation_of_the_action(action: dict[str, Any], tmp_path: Path) -> None:
    for version, wanted in (("", "/here"), ("1.2", "leaklint-cli==1.2")):
        answer = sh(
            *("bash", "-e", "-c", step(action, "Install leaklint")),
            cwd=tmp_path,
            PYTHON="echo",
            VERSION=version,
            HERE="/here",
        )
        assert answer.stdout.split()[-1] == wanted


def steps(name: str) -> list[str]:
    """The arguments of every instruction of the Dockerfile with this name."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.M).replace("\\\n", " ")
    return re.findall(rf"^{name} +(.*)$", text, re.M)


def test_the_dockerfile_under_a_linter(tools: Path) -> None:
    answer = sh(tools / "hadolint", "--no-color", ROOT / "Dockerfile", cwd=ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_image_is_slim_and_not_root() -> None:
    assert all(base.split()[0].endswith("-slim") for base in steps("FROM"))
    (user,) = steps("USER")
    assert user not in ("root", "0")
    assert any(f"useradd --create-home --uid {user} " in command for command in steps("RUN"))


def test_the_steps_of_the_dockerfile(tmp_path: Path, wheelhouse: Path) -> None:
    """What concerns leaklint, from the copied files to the entry point; the rest needs root."""
    build, wheels = tmp_path / "build", tmp_path / "wheels"
    build.mkdir()
    for line in steps("COPY"):
        *sources, target = line.split()
        for source in sources:
            if source.startswith("--"):
                break
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, build / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, build / target)
    assert sh(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path).returncode == 0
    path = f"{tmp_path / 'venv/bin'}{os.pathsep}{os.environ['PATH']}"
    pip = [command for command in steps("RUN") if command.startswith("python -m pip ")]
    assert len(pip) == 2
    for command in pip:
        answer = sh(
            *("bash", "-e", "-c", command.replace("/wheels", str(wheels))),
            cwd=build,
            PATH=path,
            PIP_NO_INDEX="1",
            PIP_FIND_LINKS=str(wheelhouse),
        )
        assert answer.returncode == 0, answer.stderr
    (tmp_path / "src").mkdir()
    (tmp_path / "src/app.py").write_text(LEAK)
    entry = json.loads(steps("ENTRYPOINT")[0]) + json.loads(steps("CMD")[0])
    answer = sh(*entry, "--no-cache", "--html-output", "r.html", cwd=tmp_path / "src", PATH=path)
    assert (answer.returncode, "app.py:5:5" in answer.stdout) == (1, True), answer.stdout + answer.stderr
    assert (tmp_path / "src/r.html").exists(), "the wheel brings the page"
    assert list(tmp_path.glob("venv/lib/*/site-packages/leaklint/settings.schema.json"))


def test_what_the_image_is_built_from_is_let_in() -> None:
    allowed = {row[1:] for row in (ROOT / ".dockerignore").read_text().split() if row.startswith("!")}
    copied = {word for line in steps("COPY") if "--from" not in line for word in line.split()[:-1]}
    assert copied == allowed
