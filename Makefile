# Everything a contributor runs. A bare machine needs Python 3.11 or later with venv, make, and a package index for pip.

PYTHON ?= python3
UV     ?= uv
BIN    := .venv/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet --quiet
CODE   := src tests $(wildcard bench tools)

# Tests start the command hundreds of times: it must not be compiled anew each time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test check format coverage fuzz mutants golden docs captures bench wheel lock clean
.PHONY: check-format check-lint check-types check-imports check-dead-code check-docs check-tutorial

help: ## show this list
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.ready ## build .venv with the locked dependencies and this package

demo: .venv/.ready ## scan real sample logs and show what is found
	@$(BIN)/windshear demo

test: .venv/.ready ## run the tests
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

check: check-format check-lint check-types check-imports check-dead-code check-docs check-tutorial ## see that format, lint, types, imports, dead code, generated pages and the tutorial are in order

check-format: .venv/.ready
	$(BIN)/ruff format --check .
	$(BIN)/windshear fmt --check src/windshear/content

check-lint: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/windshear lint src/windshear/content --fail-on note

check-types: .venv/.ready
	$(BIN)/mypy --strict $(CODE)

check-imports: .venv/.ready
	$(BIN)/lint-imports --no-logo

check-dead-code: .venv/.ready
	$(BIN)/vulture $(CODE)

check-docs: .venv/.ready
	$(BIN)/python -m tools.docs --check

check-tutorial: .venv/.ready
	$(BIN)/python -m tools.tutorial

format: .venv/.ready ## rewrite the code as `check` wants it
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(BIN)/windshear fmt src/windshear/content

coverage: .venv/.ready ## branch coverage of the pure packages, with a floor
	@$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report= --cov-fail-under=0 $(ARGS)
	@$(BIN)/coverage report

fuzz: .venv/.ready ## compare engine and reference evaluator on generated rules, SECONDS=600 by default
	@$(BIN)/python -m tests.property.fuzz --seconds $(or $(SECONDS),600)

mutants: .venv/.ready ## try the mutants of built-in rules that changed, and keep the result
	@$(BIN)/python -m tools.mutants $(ARGS)

golden: .venv/.ready ## rewrite expected test results; review the diff like code
	@$(BIN)/python -m pytest --golden $(ARGS)
	@git --no-pager diff --stat -- tests

docs: .venv/.ready ## rewrite the reference pages that are made from the code
	@$(BIN)/python -m tools.docs

captures: .venv/.ready ## draw what the tutorial shows on a terminal
	$(BIN)/python -m tools.captures

bench: .venv/.ready ## measure speed and memory
	@$(BIN)/python -m bench $(ARGS)

wheel: .venv/.ready ## build the wheel into dist/
	@$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/*.whl

# Needs uv (`pip install uv`); nothing else here does. The lock holds names, versions and hashes and no address, so it
# installs from any index. LOCK_ARGS=--upgrade moves to the newest releases, --upgrade-package NAME moves one.
lock: ## rewrite requirements/dev.lock from pyproject.toml
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-header --quiet --output-file requirements/dev.lock $(LOCK_ARGS)

clean: ## remove .venv and everything that was built
	rm -rf .venv dist build .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

# The stamps are written last, so that an interrupted set-up starts again. A changed lock rebuilds the environment from
# empty; a changed pyproject.toml only renews the link to the sources. The lock names everything, so pip resolves nothing:
# older releases of pip take `coverage[toml]` for a second package and reach for its newest release, which has no hash.
.venv/.locked: requirements/dev.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if v >= (3, 11) else "Python 3.11 or later is needed, $(PYTHON) is %d.%d; name another: make setup PYTHON=python3.11" % v[:2])'
	@echo "installing the locked dependencies into .venv" >&2
	@$(PYTHON) -m venv --clear .venv
	@$(PIP) install --require-hashes --no-deps -r requirements/dev.lock
	@$(PIP) check
	@touch $@

.venv/.ready: .venv/.locked pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@
