"""Findings about one object, and about what is opened: what a run says of them, and what it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from java_runs import confirm_files

FACTORY = """
    static class Factory {
        private static ClassLoader loader;
        static {
            loader = Thread.currentThread().getContextClassLoader();
        }
        static String find(String name) throws ClassNotFoundException {
            return Class.forName(name, true, loader).getName();
        }
    }
"""
UNDER_ITS_OWN = """
    public static String serve(int number) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(new ClassLoader(before) {});
        try {
            return Factory.find("java.util.ArrayList");
        } finally {
            thread.setContextClassLoader(before);
        }
    }
"""
AS_STARTED = """
    public static String serve(int number) throws Exception { return Factory.find("java.util.ArrayList"); }
"""
THROWN = """
    private static final IllegalStateException CLOSED = new IllegalStateException("closed");
    public static int serve(int number) {
        try {
            throw CLOSED;
        } catch (IllegalStateException error) {
            return number;
        }
    }
"""
LENT = """
    static String dialect(DataSource source) throws SQLException {
        Connection connection = source.getConnection();
        return connection.getCatalog();
    }
    public static String serve(DataSource source) throws SQLException { return dialect(source); }
"""


@pytest.mark.parametrize(
    ("code", "text", "status", "reason"),
    [
        ("LK304", FACTORY + UNDER_ITS_OWN, "confirmed", "a class loader of the call is still there"),
        ("LK304", FACTORY + AS_STARTED, "inconclusive", "no other class loader came by"),
        ("LK303", THROWN, "inconclusive", "it gathers nothing under these calls"),
        ("LK603", LENT, "inconclusive", "nothing that is counted was opened at this line"),
    ],
)
def test_one_object(code: str, text: str, status: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "Shop.java"
    file.write_text(
        f"import java.sql.*;\nimport javax.sql.DataSource;\n\npublic class Shop {{{text}}}\n", "utf-8"
    )
    found = confirm_files([file], "serve")
    (verdict,) = (row.verdict for row in found.report.findings if row.code == code)
    assert verdict is not None
    assert verdict["status"] == status, verdict
    assert str(verdict["reason"]).startswith(reason), verdict
