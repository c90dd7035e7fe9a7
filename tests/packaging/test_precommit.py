"""The pre-commit hooks, as pre-commit itself runs them: built from this checkout, without network."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from shell import sh

ROOT = Path(__file__).parents[2]
SHIPPED = ("leaklint", "rules", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
LEAKS = {
    "app.py": "CACHE = {}\n\n\ndef remember(key, value):\n    CACHE[key] = value\n",
    "web/cache.mts": "const cache = new Map();\nexport function f(k, v) {\n  cache.set(k, v);\n}\n",
    "src/A.java": "class A {\n  private static final Map<String, Object> CACHE = new HashMap<>();\n"
    "  void f(String k, Object v) {\n    CACHE.put(k, v);\n  }\n}\n",
}


def commit(folder: Path) -> None:
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "all")):
        answer = sh("git", "-c", "user.name=t", "-c", "user.email=t@example.org", *command, cwd=folder)
        assert answer.returncode == 0, answer.stderr


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
    tools: Path, hooks: Path, wheelhouse: Path, repository: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    return sh(
        *(tools / "pre-commit", "try-repo", hooks, *arguments, "--verbose", "--color", "never"),
        cwd=repository,
        PIP_NO_INDEX="1",
        PIP_FIND_LINKS=str(wheelhouse),
        PRE_COMMIT_HOME=str(repository / ".git" / "pre-commit"),
    )


def test_the_hooks_find_leaks_in_three_languages(
    tools: Path, hooks: Path, wheelhouse: Path, repository: Path
) -> None:
    answer = try_repo(tools, hooks, wheelhouse, repository, "--all-files")
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert answer.stdout.count("exit code: 1") == 2, answer.stdout
    for place in ("app.py:5:", "web/cache.mts:3:", "src/A.java:4:"):
        assert answer.stdout.count(place) == 2, answer.stdout

    (repository / "leaklint.toml").write_text("exclude = ['app.py', 'web']\n")
    arguments = ("leaklint", "--files", "app.py", "web/cache.mts")
    answer = try_repo(tools, hooks, wheelhouse, repository, *arguments)
    assert answer.returncode == 0, answer.stdout + answer.stderr
