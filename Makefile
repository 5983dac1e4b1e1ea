# The project's commands; `make` lists them. The gate is `make test`, here and in CI alike.
SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help install demo test fix format lint types layers unit property integration wheel heavy benchmark constraints clean

PYTHON ?= python3
BIN    := .venv/bin
STAMP  := .venv/.installed
STEP   := bash .ci/step
GATE   := format lint types layers unit property integration wheel

# Plain pip reads the machine's own configuration (mirror, proxy, certificate); with every version pinned nothing is searched for.
PIP  := $(BIN)/python -m pip install --quiet --quiet --no-input --constraint constraints.txt
# `editables` is what hatchling asks for beyond [build-system] when it installs a checkout in place.
DEV  := import tomllib; p = tomllib.load(open("pyproject.toml", "rb")); print("editables", *p["build-system"]["requires"], *p["dependency-groups"]["dev"], *sum(p["project"]["optional-dependencies"].values(), []))
NEEDS_311 := import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or later is needed; name one: make PYTHON=python3.12")

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## make .venv with the pinned dependencies and this checkout

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c '$(NEEDS_311)'
	@echo "installing into .venv (a minute or two the first time)"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(PIP) $$($(BIN)/python -c '$(DEV)')
	@$(PIP) --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## the main job, on the real open data that comes with the package
	@$(BIN)/curate demo

test: $(STAMP) ## the whole gate, in order, stopping at the first failure
	@$(STEP) gate $(MAKE) --no-print-directory $(GATE)

fix: $(STAMP) ## format the code and mend what ruff can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

format: $(STAMP) ## gate: the code is formatted
	@$(STEP) $@ $(BIN)/ruff format --check .

lint: $(STAMP) ## gate: ruff
	@$(STEP) $@ $(BIN)/ruff check .

types: $(STAMP) ## gate: mypy --strict
	@$(STEP) $@ $(BIN)/mypy

layers: $(STAMP) ## gate: imports point one way
	@$(STEP) $@ $(BIN)/lint-imports

# pytest answers 5 when it collects nothing, and that fails the step; only a folder without a test file is passed over.
tests = if [ -n "$$(find $(1) -name 'test_*.py' -print -quit 2>/dev/null)" ]; \
	then $(STEP) $@ $(BIN)/pytest -m 'not heavy' $(1); else $(STEP) $@ echo "no test file in $(1)"; fi

unit: $(STAMP) ## gate: tests of one module each, and of the house rules
	@$(call tests,tests/unit tests/test_house.py)

property: $(STAMP) ## gate: the seven laws
	@$(call tests,tests/property)

integration: $(STAMP) ## gate: the whole way, on real files
	@$(call tests,tests/integration)

wheel: $(STAMP) ## gate: the wheel works in a clean environment, from another directory
	@$(STEP) $@ bash .ci/wheel

heavy: $(STAMP) ## the tests that are too long for the gate
	@$(STEP) $@ $(BIN)/pytest -m heavy tests

benchmark: $(STAMP) ## run every script in tests/benchmarks
	@for script in $(wildcard tests/benchmarks/[a-z]*.py); do $(STEP) "$$script" $(BIN)/python "$$script"; done

constraints: $(STAMP) ## resolve constraints.txt again for every supported Python; review the difference
	@$(BIN)/python -m pip install --quiet uv
	@printf '%s\n' $$($(BIN)/python -c '$(DEV)') | $(BIN)/uv pip compile pyproject.toml - --universal --upgrade --quiet \
		--python-version 3.11 --no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file constraints.txt

clean: ## remove caches and builds; .venv and what you curated stay
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
