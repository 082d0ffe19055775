# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Needs git, make and python3 >= 3.11 with venv; everything else is installed, in pinned versions, into .venv.

PYTHON ?= python3
ARGS ?=
VENV := .venv
RUN := $(VENV)/bin/python
NOX := $(RUN) -m nox --non-interactive
# Another python3 makes another .venv, as do changed requirements.
STAMP := $(VENV)/ready-$(shell $(PYTHON) -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')

export PIP_CACHE_DIR := $(CURDIR)/.cache/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

.PHONY: help test demo simulator bench lint format modules unit resources faults integration fidelity sanity docs changelog license \
	tarball canary matrix venv pins clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

test: $(STAMP) ## the whole suite (ARGS="--session unit lint" for parts of it)
	@$(RUN) tests/tooling/suite.py $(ARGS)

demo: $(STAMP) ## three simulated cameras, provisioned twice
	@$(RUN) tests/demo.py $(ARGS)

simulator: $(STAMP) ## simulated cameras to play with (ARGS="--devices 3 --port-base 8000")
	@$(RUN) tests/simulator $(ARGS)

bench: $(STAMP) ## speed, as ratios
	@$(RUN) tests/bench $(ARGS)

lint: $(STAMP) ## the quick checks: ruff, mypy, ansible-lint, docs, changelog, licences
	@$(NOX) --session ruff types ansible_lint docs changelog license

format: $(STAMP) ## fix what ruff can fix
	@$(RUN) -m ruff check --fix .

modules: $(STAMP) ## documentation, action stubs and tables, from the declarations
	@$(RUN) tests/tooling/modules.py $(ARGS)

unit: $(STAMP) ## unit tests and completeness gates
resources: $(STAMP) ## the promises and the faults of every resource
faults: $(STAMP) ## every fault at every request of every resource
integration: $(STAMP) ## real ansible-playbook against the simulator
fidelity: $(STAMP) ## the simulator against recordings and a client we did not write
sanity: $(STAMP) ## ansible-test sanity, every Python installed
docs: $(STAMP) ## documentation lint
changelog: $(STAMP) ## changelog lint
license: $(STAMP) ## licence of every file
tarball: $(STAMP) ## build, install and try the collection as users get it
canary: $(STAMP) ## no secret in any output
matrix: $(STAMP) ## the fast part on every other pair of ansible-core and Python
unit resources faults integration fidelity sanity docs changelog license tarball canary matrix:
	@$(NOX) --session $@ -- $(ARGS)

venv: $(STAMP) ## only prepare .venv

pins: $(STAMP) ## recompute tests/requirements/constraints.txt
	@$(RUN) tests/tooling/pins.py

clean: ## remove .venv and all scratch files
	rm -rf $(VENV) .nox .cache

$(STAMP): requirements.txt $(wildcard tests/requirements/*.txt)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "axis.vapix needs Python 3.11 or newer; choose one with make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Preparing $(VENV) ..."
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(RUN) -m pip install --quiet --requirement requirements.txt
	@touch $@
