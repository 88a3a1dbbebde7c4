# Nothing here needs more than Python 3.11+, and on a bare Debian 12 a root shell.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TESTED := constraints.txt
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
WORKERS ?= 2
ARGS ?=
# A hundred processes would each compile the house for themselves where nothing compiled is kept.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test check lint format types imports bench newest clean
.DELETE_ON_ERROR:

help: ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | \
	while IFS="$$(printf '\t')" read -r name what; do printf '  make %-9s %s\n' "$$name" "$$what"; done

demo: $(VENV)/.ready ## run a small branch with people in line: make demo ARGS="--port 8080"
	@$(BIN)/nowserving demo $(ARGS)

test: $(VENV)/.ready-test ## everything that must hold: the checks, then all tests; ARGS go to pytest
	@$(BIN)/python -m tests.rig.prepare
	@held=0; \
	$(MAKE) --no-print-directory --keep-going check || held=1; \
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS) || held=1; \
	exit $$held

check: lint format types imports ## what needs no running: style, types, floors

lint: $(VENV)/.ready-test
	@$(BIN)/ruff check .

format: $(VENV)/.ready-test
	@$(BIN)/ruff format --check .

types: $(VENV)/.ready-test
	@$(BIN)/mypy

imports: $(VENV)/.ready-test
	@$(BIN)/lint-imports --no-logo

bench: $(VENV)/.ready-test ## measure: make bench ARGS="..."
	@$(BIN)/python -m bench $(ARGS)

newest: ## take the newest of every library, and write down which: make test says if they do
	@rm -rf $(VENV)
	@$(MAKE) --no-print-directory $(BIN)/python
	@$(PIP) install --editable '.[test,postgres]'
	@sed -i '1!d' $(TESTED)
	@$(BIN)/python -m pip freeze --exclude-editable >> $(TESTED)

clean: ## forget the environment and all caches
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find nowserving tests -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/.ready: pyproject.toml $(TESTED) | $(BIN)/python
	@echo "Installing Nowserving into $(VENV) ..."
	@$(PIP) install --constraint $(TESTED) --editable .
	@touch $@

$(VENV)/.ready-test: pyproject.toml $(TESTED) | $(BIN)/python
	@echo "Installing Nowserving and its test tools into $(VENV) ..."
	@$(PIP) install --constraint $(TESTED) --editable '.[test]'
	@touch $@ $(VENV)/.ready

define NO_VENV
Cannot make a virtual environment with $(PYTHON).
On Debian and Ubuntu: apt-get install python3-venv. Elsewhere: pip install virtualenv.
endef
export NO_VENV

# Debian keeps venv in a package of its own.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "Nowserving needs Python 3.11 or newer; name one with PYTHON=..." >&2; exit 1; }
	@if $(PYTHON) -m venv $(VENV) >/dev/null 2>&1; then exit 0; fi; \
	rm -rf $(VENV); \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing python3-venv ..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null; \
	fi; \
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); $(PYTHON) -m virtualenv -q $(VENV); } || \
	{ rm -rf $(VENV); echo "$$NO_VENV" >&2; exit 1; }
