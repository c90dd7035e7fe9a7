# make demo    see leaklint at work on examples/
# make test    everything that must hold: lint, types, layers, tests
# make bench   what a check costs, as a multiple of the bare parse
# make accuracy  whether docs/accuracy.md still says what leaklint finds (clones six repositories)
#
# Each creates .venv on first use; PYTHON=python3.13 chooses the interpreter.

# the first interpreter that really starts, is new enough and can make environments
SUITS := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3.14 python3; do \
	$$name -c '$(SUITS)' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
PYTEST_FLAGS ?= -n auto

.DEFAULT_GOAL := help
.PHONY: help demo test lint types layers tests bench accuracy

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

demo: .venv/leaklint
	@$(BIN)/leaklint check --exit-zero examples/python examples/javascript examples/java

test: lint types layers tests

lint: .venv/dev
	$(BIN)/ruff check leaklint rules tests bench

types: .venv/dev
	$(BIN)/mypy

layers: .venv/dev
	$(BIN)/lint-imports

tests: .venv/dev
	$(BIN)/python -m pytest $(PYTEST_FLAGS) --cov --cov-report=term:skip-covered

bench: .venv/dev
	$(BIN)/python bench/ratio.py
	$(BIN)/python bench/everyday.py

accuracy: .venv/dev
	$(BIN)/python bench/accuracy.py

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "leaklint needs Python 3.11 or newer with its venv module" \
		"(on Debian and Ubuntu: apt install python3-venv); say which with PYTHON=…" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/leaklint: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# dependency groups need pip 25.1
.venv/dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@ .venv/leaklint
