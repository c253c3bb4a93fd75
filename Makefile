# Everything a newcomer or CI runs. Needs make and Python 3.11 or newer; installs the rest into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
export PYTHONPATH := $(CURDIR)

.PHONY: install up down status test test-airflow test-superset check bench lock browser help

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

install: $(VENV)/.runtime ## make .venv with what the product needs

up: $(VENV)/.runtime ## start everything (DETACH=1: in the background) and print the address
	@BIN=$(BIN) OPTIONAL=1 sh deploy/install-browser.sh
	@$(BIN)/python -m app up $(if $(DETACH),--detach) $(if $(PORT),--port $(PORT)) $(if $(ESTATE),--estate $(ESTATE))

down: $(VENV)/.runtime ## stop everything
	@$(BIN)/python -m app down

status: $(VENV)/.runtime ## what runs, what is stored, what is wrong
	@$(BIN)/python -m app status

test: $(VENV)/.dev browser ## run every test, the browser tests too
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

test-airflow: $(VENV)/.dev ## start a real Airflow 3 and collect its runs (minutes; not part of test)
	@BIN=$(BIN) sh deploy/test-airflow.sh

test-superset: $(VENV)/.dev browser ## start a real Superset and look at its dashboards (minutes; not part of test)
	@BIN=$(BIN) sh deploy/test-superset.sh

check: $(VENV)/.dev ## what CI runs: format, lint, types, arrows, then every test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(MAKE) --no-print-directory test

bench: $(VENV)/.dev ## print the benchmarks as ratios against a baseline of the same run
	@$(BIN)/python -m bench $(BENCH)

lock: $(VENV)/.dev ## compile requirements*.in to the pinned requirements*.txt
	@$(BIN)/uv pip compile --quiet --no-header --python-version 3.11 requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --no-header --python-version 3.11 requirements-dev.in -o requirements-dev.txt

browser: $(VENV)/.runtime
	@BIN=$(BIN) sh deploy/install-browser.sh

$(VENV)/bin/python:
	@PYTHON=$(PYTHON) VENV=$(VENV) sh deploy/make-venv.sh

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	@echo "Installing what Shewhart needs ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing what its tests need ..."
	@$(PIP) -r requirements.txt -r requirements-dev.txt
	@touch $@
