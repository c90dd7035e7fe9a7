"""Real source trees to measure on: the interpreter's own library, and packages that ship their source.

Packages come through npm once and stay in bench/.trees. A tree that cannot be had is left out.
"""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
import tarfile
from pathlib import Path

HERE = Path(__file__).parent / ".trees"
PACKAGES = {
    "JavaScript": ("webpack@5.101.0", "lib"),
    "TypeScript": ("rxjs@7.8.2", "src"),
    "Java": ("react-native@0.73.9", "ReactAndroid/src/main/java"),
}


def trees() -> dict[str, Path]:
    """A folder of source for each language."""
    found = {"Python": Path(sysconfig.get_paths()["stdlib"])}
    for language, (package, inside) in PACKAGES.items():
        folder = HERE / package.replace("@", "-").replace("/", "-") / "package" / inside
        if folder.is_dir() or fetch(package, folder.parents[inside.count("/") + 1]):
            found[language] = folder
    return found


def fetch(package: str, folder: Path) -> bool:
    """Unpack a package of npm's registry into a folder."""
    npm = shutil.which("npm")
    if npm is None:
        print(f"npm is not installed: {package} is left out")
        return False
    folder.mkdir(parents=True, exist_ok=True)
    (HERE / ".gitignore").write_text("*\n")
    packed = subprocess.run(
        [npm, "pack", "--silent", package], cwd=folder, capture_output=True, text=True, check=False
    )
    if packed.returncode:
        print(f"{package} cannot be had: {packed.stderr.strip()[-200:]}")
        return False
    archive = folder / packed.stdout.strip().splitlines()[-1]
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    archive.unlink()
    return True
