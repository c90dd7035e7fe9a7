"""How leaklint fits a team's day, measured in one run: against peers, with two processes, warm, as a hook.

    make bench          runs this behind the ratios of the parse

Peers are installed by the benchmark into a folder of their own below the user's cache. All rules of leaklint
are on; each figure is the best of several runs, whole processes, start-up included unless it says otherwise.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path

from trees import trees

ROUNDS = 3
PEERS = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "leaklint-bench"
PLUGINS = ("eslint-plugin-react-web-api", "eslint-plugin-listeners", "eslint-plugin-observers")
ESLINT = """
import parser from "@typescript-eslint/parser";
import web from "eslint-plugin-react-web-api";
import listeners from "eslint-plugin-listeners";
import observers from "eslint-plugin-observers";
const rules = {};
for (const [name, plugin] of Object.entries({ "react-web-api": web, listeners, observers }))
  for (const rule of Object.keys(plugin.rules)) rules[`${name}/${rule}`] = "warn";
export default [{
  files: ["**/*.ts", "**/*.tsx", "**/*.js", "**/*.jsx"],
  languageOptions: { parser, parserOptions: { ecmaFeatures: { jsx: true } } },
  plugins: { "react-web-api": web, listeners, observers },
  rules,
}];
"""


def leaklint(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "leaklint", "check", "--exit-zero", "--confidence", "low", *arguments]


def best(
    command: list[str], folder: Path, before: Callable[[], None] | None = None, rounds: int = ROUNDS
) -> float:
    """Wall seconds of a command: the least of several runs."""
    found = []
    for _ in range(rounds):
        if before:
            before()
        started = time.perf_counter()
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        found.append(time.perf_counter() - started)
        if done.returncode not in (0, 1) and "leaklint" in command:
            raise SystemExit(done.stderr.decode()[-500:])
    return min(found)


def pylint() -> list[str] | None:
    """The command for pylint's W1518 alone; installs it when it is not there."""
    home = PEERS / "pylint"
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
        installed = subprocess.run([python, "-m", "pip", "-q", "install", "pylint"], check=False)
        if installed.returncode:
            shutil.rmtree(home)
            return None
    return [str(python), "-m", "pylint", "--disable=all", "--enable=W1518", "-j1", "--recursive=y"]


def eslint() -> Path | None:
    """The folder with ESLint and the three plugins; installs them when they are not there."""
    home = PEERS / "eslint"
    if not (home / "node_modules" / "eslint").is_dir():
        if shutil.which("npm") is None:
            return None
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text(json.dumps({"private": True, "type": "module"}))
        names = ["eslint@9", "typescript@5", "@typescript-eslint/parser@8", *PLUGINS]
        command = [
            "npm",
            "install",
            "--no-audit",
            "--no-fund",
            "--legacy-peer-deps",
            "--no-package-lock",
            *names,
        ]
        if subprocess.run(command, cwd=home, check=False).returncode:
            return None
        (home / "eslint.config.mjs").write_text(ESLINT)
    return home


def copy(files: list[Path], folder: Path, times: int = 1) -> None:
    """Copies of files in a flat tree of packages, each with its own content."""
    for turn in range(times):
        for number, file in enumerate(files):
            target = folder / f"p{turn}" / f"m{number}{file.suffix}"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes() + f"\n# {turn}\n".encode() * (file.suffix == ".py"))


def files_of(folder: Path, suffixes: tuple[str, ...], limit: int) -> list[Path]:
    found = sorted(
        file
        for file in folder.rglob("*")
        if file.suffix in suffixes and file.is_file() and 200 < file.stat().st_size < 200_000
    )
    return found[:limit]


def row(what: str, value: str, goal: str) -> None:
    print(f"{what:58} {value:>12}   {goal}")


def against_peers(sources: dict[str, Path], scratch: Path) -> None:
    python = scratch / "python"
    copy(files_of(sources["Python"], (".py",), 150), python)
    mine = best(leaklint("--no-cache", "-j1", "."), python)
    command = pylint()
    if command:
        theirs = best([*command, "."], python)
        row("pylint W1518 / leaklint, one process, Python", f"{theirs / mine:.1f}", "at least 6")
    home = eslint()
    tsx = next((sources[name] for name in ("TypeScript", "JavaScript") if name in sources), None)
    if home is None or tsx is None:
        row("ESLint with three plugins / leaklint", "not run", "npm is missing")
        return
    web = home / "tree"
    shutil.rmtree(web, ignore_errors=True)
    copy(files_of(tsx, (".ts", ".tsx", ".js", ".jsx"), 150), web)
    mine = best(leaklint("--no-cache", "-j1", str(web)), scratch)
    theirs = best(["node", "node_modules/eslint/bin/eslint.js", "tree"], home)
    row("ESLint with three plugins / leaklint, one process", f"{theirs / mine:.1f}", "at least 4")


def large_tree(sources: dict[str, Path], scratch: Path) -> None:
    tree = scratch / "large"
    files = files_of(sources["Python"], (".py",), 500)
    copy(files, tree, -(-2000 // len(files)))
    (tree / "leaklint.toml").write_text("")
    one = best(leaklint("--no-cache", "-j1", "."), tree, rounds=2)
    two = best(leaklint("--no-cache", "-j2", "."), tree, rounds=2)
    row(f"one process / two, {sum(1 for _ in tree.rglob('*.py'))} files", f"{one / two:.2f}", "at least 1.5")
    cold = best(
        leaklint("-j1", "."), tree, lambda: shutil.rmtree(tree / ".leaklint_cache", ignore_errors=True)
    )
    warm = best(leaklint("-j1", "."), tree)
    row("warm / cold check of an unchanged tree", f"{warm / cold:.3f}", "at most 0.1")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    row("largest process so far, peers included", f"{peak:.0f} MB", "leaklint at most 300")


def hook(sources: dict[str, Path], scratch: Path) -> None:
    tree = scratch / "hook"
    files = files_of(sources["Python"], (".py",), 500)
    copy(files, tree, -(-5000 // len(files)))
    (tree / "leaklint.toml").write_text("")
    subprocess.run(leaklint("."), cwd=tree, capture_output=True, check=False)
    changed = [str(file.relative_to(tree)) for file in files_of(tree, (".py",), 3)]
    bare = best([sys.executable, "-c", ""], tree)

    def change() -> None:
        for name in changed:
            with (tree / name).open("a") as file:
                file.write(f"# {time.time_ns()}\n")

    taken = best(leaklint("--force-exclude", *changed), tree, change)
    row(
        "hook on three changed files of 5,000, above bare Python",
        f"{(taken - bare) * 1000:.0f} ms",
        "at most 300 ms",
    )


def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed tool has its bytecode
    sources = trees()
    print(f"\n{'everyday':58} {'measured':>12}   goal")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        against_peers(sources, scratch)
        large_tree(sources, scratch)
        hook(sources, scratch)


if __name__ == "__main__":
    main()
