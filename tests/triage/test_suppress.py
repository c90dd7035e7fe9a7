"""Comments that hide findings: what each form covers, and what is said about those that hide nothing."""

from __future__ import annotations

import pytest

from leaklint.config import Settings
from leaklint.pipeline import check_source
from leaklint.source import SourceFile


def check(text: str, path: str = "app.py", **settings: object) -> list[tuple[str, int]]:
    source = SourceFile(path, text.encode())
    found = check_source(source, Settings(**settings))  # type: ignore[arg-type]
    return [(finding.code, finding.line) for finding in found]


def python(before: str = "", behind: str = "") -> str:
    return f"CACHE = {{}}\n\n\ndef f(k, v):\n{before}    CACHE[k] = v{behind}\n"


def test_without_a_comment() -> None:
    assert check(python()) == [("LK101", 5)]


@pytest.mark.parametrize(
    "comment",
    [
        "# leaklint: ignore[LK101] -- five regions",
        "# leaklint: ignore[LK101]",
        "# leaklint:ignore[ LK101 , LK101 ]",
        "# leaklint: ignore[unbounded-cache] -- five regions",
        "# noqa: E501  # leaklint: ignore[LK101] -- five regions",
    ],
)
def test_on_the_line(comment: str) -> None:
    assert check(python(behind=f"  {comment}")) == []


@pytest.mark.parametrize(
    "before",
    [
        "    # leaklint: ignore[LK101] -- five regions\n",
        "    # leaklint: ignore[LK101]\n\n    # and another remark\n",
        "# leaklint: ignore[LK101]\n",
    ],
)
def test_on_a_line_of_its_own(before: str) -> None:
    assert check(python(before)) == []


def test_only_the_next_line_of_code_is_covered() -> None:
    assert check(python("    # leaklint: ignore[LK101]\n    k = k + 1\n")) == [("LK002", 5), ("LK101", 7)]


def test_a_comment_above_covers_decorators_and_what_they_decorate() -> None:
    text = "import functools\n\n@functools.cache\n@trace(\n    1,\n)\ndef f(k):\n    return k\n"
    assert [code for code, _ in check(text)] == ["LK103"]
    assert check(text.replace("\n@functools", "\n# leaklint: ignore[LK103]\n@functools")) == []


JAVASCRIPT = """\
const cache = new Map();
export function f(k, v) {
  BEFORE
  cache.set(k, v); BEHIND
}
"""
JAVA = """\
class A {
  private static final Map<String, Object> CACHE = new HashMap<>();
  void f(String k, Object v) {
    BEFORE
    CACHE.put(k, v); BEHIND
  }
}
"""


@pytest.mark.parametrize(("path", "text"), [("app.js", JAVASCRIPT), ("app.ts", JAVASCRIPT), ("A.java", JAVA)])
@pytest.mark.parametrize(
    ("before", "behind", "hidden"),
    [
        ("", "", False),
        ("", "// leaklint: ignore[LK101] -- five regions", True),
        ("", "/* leaklint: ignore[LK101] -- five regions */", True),
        ("// leaklint: ignore[LK101]", "", True),
        ("/* leaklint: ignore[LK101, LK203] */", "", True),
        ("/*\n   * leaklint: ignore[LK101]\n   */\n  /* more\n  text */", "", True),
        ("/* leaklint: ignore[LK101] */ x();", "", False),
    ],
)
def test_the_other_languages(path: str, text: str, before: str, behind: str, hidden: bool) -> None:
    found = check(text.replace("BEFORE", before).replace("BEHIND", behind), path, ignore=("LK002",))
    assert [code for code, _ in found] == ([] if hidden else ["LK101"])


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("# leaklint: ignore", "it names no rule."),
        ("# leaklint: ignore -- I know", "it names no rule."),
        ("# leaklint: ignore[]", "it names no rule."),
        ("# leaklint: ignore[LK999]", "no rule is called `LK999`"),
        (
            "# leaklint: ignore[unbounded-cahce]",
            "no rule is called `unbounded-cahce`; did you mean `unbounded-cache`?",
        ),
    ],
)
def test_what_is_not_understood_is_said(comment: str, reason: str) -> None:
    text = python(behind=f"  {comment}")
    found = check_source(SourceFile("app.py", text.encode()))
    assert [finding.code for finding in found] == ["LK101", "LK003"]
    assert found[1].message.startswith(f"This suppression is not understood: {reason}")
    assert found[1].fingerprint and found[1].line == 5


def test_prose_about_leaklint_is_no_suppression() -> None:
    assert check("# leaklint: see the manual\n# leaklint: ignored since May\nx = 1\n") == []


def test_a_suppression_that_hides_nothing_is_a_note() -> None:
    text = "x = 1  # leaklint: ignore[LK101, LK102] -- once\n"
    (finding,) = check_source(SourceFile("app.py", text.encode()))
    assert (finding.code, finding.severity) == ("LK002", "note")
    assert "LK101, LK102 found nothing here" in finding.message


def test_one_of_two_codes_hides_nothing() -> None:
    (finding,) = check_source(
        SourceFile("a.py", python(behind="  # leaklint: ignore[LK101, LK102]").encode())
    )
    assert "LK102 found nothing here" in finding.message


def test_only_rules_that_ran_can_be_unused() -> None:
    text = "x = 1  # leaklint: ignore[LK101]\n"
    assert check(text, select=("LK2", "LK002")) == []
    assert check(text, select=("LK1",)) == []


def test_a_finding_below_the_confidence_still_counts_as_use() -> None:
    assert check(python(behind="  # leaklint: ignore[LK101]"), confidence="high") == []


def test_a_suppression_at_the_end_of_a_file() -> None:
    assert check("x = 1\n# leaklint: ignore[LK101]") == [("LK002", 2)]
    assert check("x = 1\n# leaklint: ignore[LK101]\n@decorator(\n") == [("LK002", 2), ("LK001", 3)]


LINES = "CACHE = {}\nOTHER = {}\n\n\ndef f(k, v):\n    CACHE[k] = v\n    OTHER[k] = v\n"


def test_a_range() -> None:
    text = LINES.replace("    CACHE", "    # leaklint: disable[LK101] -- old\n    CACHE")
    assert check(text) == [], "to the end of the file"
    text = text.replace("    OTHER", "    # leaklint: enable[LK101]\n    OTHER")
    assert check(text) == [("LK101", 9)]
    assert check(text.replace("LK101", "unbounded-cache")) == [("LK101", 9)]


def test_ranges_of_several_codes_end_one_by_one() -> None:
    head = "# leaklint: disable[LK101, LK102] -- old\nx = 1\n# leaklint: enable[LK102]\n"
    assert check(head + LINES, ignore=("LK002",)) == []
    assert check(head + LINES) == [("LK002", 1)], "nothing of LK102 was there"


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("# leaklint: disable", "it names no rule."),
        ("# leaklint: enable[LK101]", "`LK101` is not disabled here."),
        ("# leaklint: file-ignore", "it names no rule."),
        ("# leaklint: file-ignore[XX]", "no rule is called `XX`."),
        ("# leaklint: disabel[LK101]", "there is no `disabel`; did you mean `disable`?"),
    ],
)
def test_mistakes_in_the_other_forms(comment: str, reason: str) -> None:
    (found,) = check_source(SourceFile("app.py", f"x = 1\n{comment}\n".encode()))
    assert (found.code, found.line) == ("LK003", 2)
    assert found.message.endswith(reason)


@pytest.mark.parametrize(("path", "text", "sign"), [("a.py", LINES, "#"), ("app.js", JAVASCRIPT, "//")])
def test_a_whole_file(path: str, text: str, sign: str) -> None:
    text = text.replace("BEFORE", "").replace("BEHIND", "")
    assert check(f"{text}{sign} leaklint: file-ignore[LK101] -- a script\n", path) == []
    found = [code for code, _ in check(f"{text}{sign} leaklint: file-ignore[LK203]\n", path)]
    assert found.count("LK002") == 1


@pytest.mark.parametrize(
    ("before", "annotation"),
    [
        ("class A {", '@SuppressWarnings("leaklint:LK101")\n'),
        ("  void f", '  @SuppressWarnings({"unchecked", "leaklint:LK101"})\n'),
        ("  void f", '  @java.lang.SuppressWarnings("leaklint:LK203,unbounded-cache") '),
        ("  private static", '  @SuppressWarnings(value = "leaklint:LK101")\n'),
    ],
)
def test_annotations_of_java(before: str, annotation: str) -> None:
    text = JAVA.replace("BEFORE", "").replace("BEHIND", "")
    assert [code for code, _ in check(text, "A.java")] == ["LK101"]
    assert check(text.replace(before, annotation + before), "A.java", ignore=("LK002",)) == []


def test_annotations_elsewhere_hide_nothing() -> None:
    text = JAVA.replace("BEFORE", "").replace("BEHIND", "")
    other = '  @SuppressWarnings("leaklint:LK101")\n  void g() {}\n  void f'
    assert [code for code, _ in check(text.replace("  void f", other), "A.java")] == ["LK002", "LK101"]
    string = '    String s = "leaklint:LK101";\n    CACHE'
    assert [code for code, _ in check(text.replace("    CACHE.", f"{string}."), "A.java")] == ["LK101"]


def test_a_missing_reason_is_reported_when_asked_for() -> None:
    text = python(behind="  # leaklint: ignore[LK101]")
    assert check(text) == []
    assert check(text, extend_select=("LK0",)) == [], "a prefix is not asking for it"
    assert check(text, extend_select=("LK004",)) == [("LK004", 5)]
    assert check(text, select=("ALL", "suppression-without-reason")) == [("LK004", 5)]
    assert check(python(behind="  # leaklint: ignore[LK101] -- five"), extend_select=("LK004",)) == []


def test_a_hidden_finding_does_not_bring_up_a_less_specific_one() -> None:
    text = "class Session:\n    living = []\n\n    def __init__(self):\n        self.living.append(self)@\n"
    assert [code for code, _ in check(text.replace("@", ""))] == ["LK108"]
    assert check(text.replace("@", "  # leaklint: ignore[LK108] -- few")) == []
