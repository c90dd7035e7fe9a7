"""What changed in a git work tree since the merge base with a revision, and what was there before.

Committed, staged, unstaged and untracked changes count alike: the work tree is compared, not the index.
Paths come from git between zero bytes, so their names cannot mislead.
"""

from __future__ import annotations

import os
import subprocess

import msgspec

from leaklint.errors import UsageError

_PLACES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


class Change(msgspec.Struct, frozen=True):
    """A file that differs. before: its path then, "" for a new one; after: its path now, "" when gone.

    blob: git's name of its content before; "" if it was no regular file.
    """

    before: str
    after: str
    blob: str


class Changes(msgspec.Struct):
    """top: of the work tree, without links; files: all that there were at the base, from `top`."""

    top: str
    base: str
    files: set[str]
    changed: list[Change]

    def read(self, changes: list[Change]) -> dict[str, bytes]:
        """The content before, by path before, in one call of git."""
        wanted = [change for change in changes if change.blob]
        if not wanted:
            return {}
        names = "".join(f"{change.blob}\n" for change in wanted).encode()
        out = _git(self.top, "cat-file", "--batch", given=names)
        found = {}
        at = 0
        for change in wanted:
            head = out.index(b"\n", at)
            _, kind, size = out[at:head].split(b" ")
            end = head + 1 + int(size)
            if kind == b"blob":
                found[change.before] = out[head + 1 : end]
            at = end + 1
        return found


def changes_since(revision: str, folder: str) -> Changes:
    """Raises UsageError outside a repository, and for a revision that is not there."""
    top = os.fsdecode(_git(folder, "rev-parse", "--show-toplevel")).rstrip("\n")
    base = _base(revision, top)
    listed = _git(top, "ls-tree", "-r", "-z", "--name-only", "--full-tree", base)
    files = {os.fsdecode(name) for name in listed.split(b"\0") if name}
    raw = _git(
        top,
        *("diff", "--raw", "-z", "--no-abbrev", "--no-relative", "--find-renames", "--no-ext-diff"),
        *("--ignore-submodules=all", base, "--"),
    )
    return Changes(os.path.realpath(top), base, files, list(_parse(raw)))


def _base(revision: str, top: str) -> str:
    """The commit that the branch left `revision` at; the revision itself where histories do not meet."""
    name = f"{revision}^{{commit}}"
    try:
        commit = _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", name).decode().strip()
    except UsageError:
        hint = "a shallow clone may lack it: fetch it, or clone with the whole history"
        raise UsageError(f"--new-from: git knows no revision {revision!r}", hint) from None
    try:
        return _git(top, "merge-base", commit, "HEAD").decode().strip() or commit
    except UsageError:
        return commit


def _parse(raw: bytes) -> list[Change]:
    """`:modes blobs status`, then one path, or two for a rename or a copy."""
    words = iter([os.fsdecode(word) for word in raw.split(b"\0")])
    changes = []
    for head in words:
        if not head.startswith(":"):
            continue
        mode, _, blob, _, status = head[1:].split(" ")
        before = next(words)
        after = next(words) if status[0] in "RC" else before
        regular = mode.startswith("100")  # neither a link nor a submodule
        changes.append(
            Change(
                "" if status == "A" else before,
                "" if status == "D" else after,
                blob if regular and set(blob) != {"0"} else "",
            )
        )
    return changes


def _git(folder: str, *arguments: str, given: bytes | None = None) -> bytes:
    command = ["git", "-C", folder, "-c", "core.quotepath=off", *arguments]
    # in a hook these say where git was called, and would hold in every folder
    environment = {key: value for key, value in os.environ.items() if key not in _PLACES}
    try:
        answer = subprocess.run(command, input=given, capture_output=True, check=False, env=environment)
    except OSError as error:
        raise UsageError("--new-from needs git", str(error)) from error
    if answer.returncode:
        lines = answer.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UsageError(f"git {arguments[0]}: {lines[0] if lines else 'failed'}")
    return answer.stdout
