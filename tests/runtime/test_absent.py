"""What is missing is named, with the command that gets it."""

from __future__ import annotations

from pathlib import Path

from harness import confirm_file

from leaklint.runtime.absent import of_java, of_node, of_python


def test_a_module_of_python(tmp_path: Path) -> None:
    said = "setup raised ModuleNotFoundError: No module named 'PIL' (thumbs.py:3)"
    named = of_python(said, "/venv/bin/python", str(tmp_path))
    assert named is not None
    assert named[0] == "no module `PIL`"
    assert named[1].startswith("run `/venv/bin/python -m pip install pillow` if it is a library, give")
    (tmp_path / "requirements.txt").touch()
    found = of_python(said, "/venv/bin/python", str(tmp_path))
    assert found is not None
    assert found[1].startswith("run `/venv/bin/python -m pip install -r requirements.txt`")
    assert of_python("setup raised ValueError: No", "python", str(tmp_path)) is None


def test_a_package_of_node(tmp_path: Path) -> None:
    file = tmp_path / "src" / "app.js"
    file.parent.mkdir()
    said = "setup raised Error: Cannot find package '@aws-sdk/client-s3/lib' imported from app.js"
    named = of_node(said, str(file))
    assert named is not None
    assert named[0] == "no package `@aws-sdk/client-s3`"
    assert named[1].startswith("run `npm install --no-save @aws-sdk/client-s3`")
    (tmp_path / "package.json").write_text('{"dependencies": {"@aws-sdk/client-s3": "^3"}}', "utf-8")
    listed = of_node(said, str(file))
    assert listed is not None
    assert listed[1].startswith(f"run `npm install` in {tmp_path.resolve()}")
    built = of_node("Cannot find module '../build/map.node'", str(file))
    assert built == ("no file `map.node` beside `app.js`", "build the project first")


def test_libraries_of_java(tmp_path: Path) -> None:
    assert of_java(str(tmp_path)) == "give --classpath with what the project needs"
    (tmp_path / "pom.xml").touch()
    assert "mvn -q test-compile dependency:copy-dependencies" in of_java(str(tmp_path))


def test_what_is_shown_without_a_module_says_so(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text("import not_there_at_all\n\nROWS = {}\n\n\ndef keep(key: str):\n    ROWS[key] = key\n")
    found = confirm_file(file, budget=2)
    assert set(found.statuses.values()) == {"confirmed"}
    assert "no module `not_there_at_all`" in str(found.report.verdicts[0]["reason"])
