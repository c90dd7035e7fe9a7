"""Made-up arguments: interfaces that the program casts to, work that fails, objects that are gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from java_runs import confirm_files

CAST = """
    static final List<String> KEPT = new ArrayList<>();
    public static void serve(Statement statement) throws SQLException {
        KEPT.add(((PreparedStatement) statement).toString());
    }
"""
FAILS = """
    static class Uploader {
        private final Store store;
        private final Map<UUID, String> inFlight = new ConcurrentHashMap<>();
        Uploader(Store store) { this.store = store; }
        public String upload(String key) throws SQLException {
            UUID id = UUID.randomUUID();
            inFlight.put(id, key);
            String found = store.upload(key);
            inFlight.remove(id);
            return found;
        }
        public List<String> progress() { return new ArrayList<>(inFlight.values()); }
    }
    interface Store { String upload(String key) throws SQLException; }
"""
HANDLED = FAILS.replace("String found =", "String found;\n        try {\n            found =").replace(
    "inFlight.remove(id);", "} finally {\n            inFlight.remove(id);\n        }"
)
GONE = """
    private final Map<Key, Ref> loaded = new ConcurrentHashMap<>();
    private final ReferenceQueue<Object> collected = new ReferenceQueue<>();
    public Object get(String table, long id) {
        Key key = new Key(table, id);
        Ref ref = loaded.get(key);
        Object found = ref == null ? null : ref.get();
        if (found == null) {
            found = new Object();
            loaded.put(key, new Ref(key, found, collected));
        }
        return found;
    }
    public void evict(String table, long id) { loaded.remove(new Key(table, id)); }
    public record Key(String table, long id) { }
    private static final class Ref extends WeakReference<Object> {
        private final Key key;
        Ref(Key key, Object found, ReferenceQueue<Object> queue) { super(found, queue); this.key = key; }
    }
"""
TRANSFERS = """
    private static final Map<String, Object> LOCKS = new ConcurrentHashMap<>();
    public static void serve(String from, String to, long amount) {
        if (from.equals(to) || amount <= 0) throw new IllegalArgumentException("refused");
        LOCKS.computeIfAbsent(from, key -> new Object());
        LOCKS.computeIfAbsent(to, key -> new Object());
    }
"""
BEFORE = """
    interface Store { String find(String key); }
    static final List<String> KEPT = new ArrayList<>();
    public static void serve(Store store, String key) {
        Integer.parseInt(key);
        KEPT.add(store.find(key));
    }
"""
IMPORTS = """import java.lang.ref.*;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
"""


def tried(folder: Path, body: str) -> dict[str, dict[str, Any]]:
    """The verdicts on a class with that body, by code."""
    file = folder / "Shop.java"
    file.write_text(f"{IMPORTS}\npublic class Shop {{{body}}}\n", "utf-8")
    found = confirm_files([file])
    return {row.code: row.verdict for row in found.report.findings if row.verdict is not None}


@pytest.mark.parametrize(
    ("body", "code"), [(CAST, "LK102"), (FAILS, "LK115"), (TRANSFERS, "LK101"), (GONE, "LK521")]
)
def test_it_is_confirmed(body: str, code: str, tmp_path: Path) -> None:
    found = tried(tmp_path, body)
    assert found[code]["status"] == "confirmed", found


def test_a_failure_that_is_handled_is_not(tmp_path: Path) -> None:
    assert HANDLED.count("finally") == 1
    assert "confirmed" not in [row["status"] for row in tried(tmp_path, HANDLED).values()]


def test_an_interface_without_code_is_not_compiled_without_lines(tmp_path: Path) -> None:
    reason = tried(tmp_path, BEFORE)["LK102"]["reason"]
    assert reason.startswith("the driver raised NumberFormatException"), reason
