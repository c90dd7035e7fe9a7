"""Java projects as people have them: packages, modules, libraries, callers in other files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from java_runs import confirm_files

TAX = """package shop.tax;

import java.util.HashMap;
import java.util.Map;
import shop.rates.Rates;

class Tax {
    private static final Map<String, Double> QUOTES = new HashMap<>();

    static double quote(String country) {
        return QUOTES.computeIfAbsent(country, Rates::rate);
    }

    static class Calculator {
        private final Rates rates;

        Calculator(Rates rates) {
            this.rates = rates;
        }

        double quote(String country) {
            return Tax.quote(country) + (rates == null ? 1 : 0);
        }
    }
}
"""
RATES = """package shop.rates;

public record Rates(String name) {
    public static double rate(String country) {
        return country.length() * 0.19;
    }
}
"""
CALLER = """package shop;

import java.util.ArrayList;
import java.util.List;

public class Desk {
    private final Store store = new Store();

    public void serve(String order) {
        store.put(order);
        store.take(order);
    }
}
"""
STORE = """package shop;

import java.util.HashMap;
import java.util.Map;

public class Store {
    private static final Map<String, String> ORDERS = new HashMap<>();

    void put(String order) {
        ORDERS.put(order, order);
    }

    void take(String order) {
        ORDERS.entrySet().removeIf(entry -> entry.getKey().equals(order));
    }
}
"""


def written(root: Path, rows: dict[str, str]) -> list[Path]:
    for name, text in rows.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return [root / name for name in rows]


@pytest.mark.parametrize("trigger", ["quote", "Calculator.quote", "Tax.quote"])
def test_a_package_is_compiled_from_its_sources(trigger: str, tmp_path: Path) -> None:
    tax, _, _ = written(
        tmp_path,
        {
            "src/main/java/shop/tax/Tax.java": TAX,
            "src/main/java/shop/rates/Rates.java": RATES,
            "pom.xml": "<project/>",
        },
    )
    found = confirm_files([tax], trigger, project=tmp_path)
    assert found.trigger["status"] == "confirmed", found.trigger
    assert found.trigger["retaining_path"][:2] == ["class shop.tax.Tax", "QUOTES"]
    assert set(found.statuses.values()) == {"confirmed"}
    assert sorted(row.name for row in tmp_path.iterdir()) == ["pom.xml", "src"]


def test_a_library_is_found_in_the_build_output(tmp_path: Path) -> None:
    tax, rates = written(
        tmp_path, {"src/main/java/shop/tax/Tax.java": TAX, "rates/shop/rates/Rates.java": RATES}
    )
    missing = confirm_files([tax], "quote", project=tmp_path)
    assert missing.trigger["status"] == "not-run"
    assert "package shop.rates does not exist" in missing.trigger["reason"]
    assert "--classpath" in missing.trigger["reason"]
    output = tmp_path / "build" / "classes" / "java" / "main"
    output.mkdir(parents=True)
    subprocess.run(["javac", "-d", str(output), str(rates)], check=True)
    found = confirm_files([tax], "quote", project=tmp_path)
    assert found.trigger["status"] == "confirmed", found.trigger


def test_a_caller_in_another_file_releases(tmp_path: Path) -> None:
    files = written(
        tmp_path, {"src/main/java/shop/Store.java": STORE, "src/main/java/shop/Desk.java": CALLER}
    )
    found = confirm_files(files, project=tmp_path)
    assert "confirmed" not in found.statuses.values(), found.report.verdicts


def test_a_file_may_be_called_otherwise_than_its_class(tmp_path: Path) -> None:
    text = TAX.replace("import shop.rates.Rates;\n", "") + RATES.replace("package shop.rates;\n", "").replace(
        "public record", "record"
    )
    found = confirm_files(written(tmp_path, {"taxes.java": text}), "Calculator.quote", project=tmp_path)
    assert found.trigger["status"] == "confirmed", found.trigger


def test_a_file_may_be_called_otherwise_than_its_public_class(tmp_path: Path) -> None:
    text = "import java.util.*;\n\npublic final class Desk {\n"
    text += "    static final List<String> SEEN = new ArrayList<>();\n\n"
    text += "    public static void serve(String name) {\n        SEEN.add(name);\n    }\n}\n"
    found = confirm_files(written(tmp_path, {"12-desk.java": text}), project=tmp_path)
    assert set(found.statuses.values()) == {"confirmed"}, found.report.verdicts
    row = next(row for row in found.report.verdicts if row["status"] == "confirmed")
    assert row["allocation_site"] in ("", "12-desk.java:7")
    assert [file.name for file in tmp_path.iterdir()] == ["12-desk.java"]


def test_newer_java_asks_for_a_newer_jdk(tmp_path: Path) -> None:
    text = "import java.util.*;\nclass New {\n    static final List<Object> ALL = new ArrayList<>();\n"
    text += "    static void serve(Object given) {\n        ALL.add(switch (given) {\n"
    text += "            case String word -> word;\n            default -> given;\n        });\n    }\n}\n"
    found = confirm_files(written(tmp_path, {"New.java": text}), "serve", project=tmp_path)
    if found.trigger["status"] == "not-run":  # 17 to 20
        assert "give --java with a newer JDK" in found.trigger["reason"]
    else:
        assert found.trigger["status"] == "confirmed", found.trigger
