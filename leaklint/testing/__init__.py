"""Runs literate suites: Markdown whose code fences say what leaklint must find in them.

Public, for people who write their own rules and models. With pytest:

    from leaklint.testing import read_suite

    @pytest.mark.parametrize("case", read_suite(Path("my_rule.md")), ids=str)
    def test_my_rule(case):
        assert not case.run().failures

docs/testing.md describes the markers.
"""

from leaklint.testing.markdown import Fence, fences
from leaklint.testing.markers import Marker, markers
from leaklint.testing.suite import Case, ManualCase, Result, read_manual, read_suite, update_snapshots

__all__ = [
    "Case",
    "Fence",
    "ManualCase",
    "Marker",
    "Result",
    "fences",
    "markers",
    "read_manual",
    "read_suite",
    "update_snapshots",
]
