"""The pre-commit hooks, as pre-commit itself runs them: built from this checkout, without network."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ("leaklint", "rules", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
LEAKS = {
    "app.py": "CACHE = {}\n\n\ndef remember(key, value):\n    CACHE[key] = value\n",
    "web/cache.mts": "const cache = new Map();\nexport function f(k, v) {\n  cache.set(k, v);\n}\n",
    "src/A.java": "class A {\n  private static final Map<String, Object> CACHE = new HashMap<>();\n"
    "  void f(String k, Object v) {\n    CACHE.put(k, v);\n  }\n}\n",
}


def sh(*command: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={key: value for key, value in os.environ.items() if not key.startswith("GIT_")} | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )


def commit(folder: Path) -> None:
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "all")):
        answer = sh(
            "git", "-c", "user.name=t", "-c", "user.email=t@example.org", *command, cwd=folder
        )
        assert answer.returncode == 0, answer.stderr


@pytest.fixture(scope="module")
def kept(pytestconfig: pytest.Config) -> Path:
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("precommit")


@pytest.fixture(scope="module")
def precommit(kept: Path) -> Path:
    """pre-commit in an environment of its own, made once."""
    program = kept / "venv" / "bin" / "pre-commit"
    if not program.exists():
        made = sh(sys.executable, "-m", "venv", "--clear", kept / "venv", cwd=kept)
        if made.returncode == 0:
            made = sh(kept / "venv/bin/python", "-m", "pip", "install", "-q", "pre-commit>=4", cwd=kept)
        if made.returncode:
            pytest.skip(f"pre-commit cannot be installed: {made.stderr.strip()[-200:]}")
    return program


@pytest.fixture(scope="module")
def wheelhouse(kept: Path) -> Path:
    """Wheels of everything that the hook's environment needs, its build backend included."""
    digest = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + sys.version.encode()).hexdigest()
    folder = kept / f"wheels-{digest[:12]}"
    if not folder.exists():
        part = kept / f"part-{os.getpid()}"
        made = sh(
            sys.executable, "-m", "pip", "wheel", "-q", "-w", part, ROOT, "setuptools>=77", cwd=kept
        )
        if made.returncode:
            pytest.skip(f"no wheels could be built: {made.stderr.strip()[-200:]}")
        for wheel in part.glob("leaklint*"):
            wheel.unlink()
        part.rename(folder)
    return folder


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with what a clone of this one would hold."""
    folder = tmp_path_factory.mktemp("hooks")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*cache")
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    commit(folder)
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name, text in LEAKS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    commit(tmp_path)
    return tmp_path


def try_repo(
    precommit: Path, hooks: Path, wheelhouse: Path, repository: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    return sh(
        *(precommit, "try-repo", hooks, *arguments, "--verbose", "--color", "never"),
        cwd=repository,
        PIP_NO_INDEX="1",
        PIP_FIND_LINKS=str(wheelhouse),
        PRE_COMMIT_HOME=str(repository / ".git" / "pre-commit"),
    )


def test_the_hooks_find_leaks_in_three_languages(
    precommit: Path, hooks: Path, wheelhouse: Path, repository: Path
) -> None:
    answer = try_repo(precommit, hooks, wheelhouse, repository, "--all-files")
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert answer.stdout.count("exit code: 1") == 2, answer.stdout
    for place in ("app.py:5:", "web/cache.mts:3:", "src/A.java:4:"):
        assert answer.stdout.count(place) == 2, answer.stdout

    (repository / "leaklint.toml").write_text("exclude = ['app.py', 'web']\n")
    arguments = ("leaklint", "--files", "app.py", "web/cache.mts")
    answer = try_repo(precommit, hooks, wheelhouse, repository, *arguments)
    assert answer.returncode == 0, answer.stdout + answer.stderr
