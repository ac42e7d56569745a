# GNU make 3.81 and a POSIX shell are enough, on Linux and on macOS. `make` alone lists what there is.

# The first of these that is 3.11 or newer makes .venv; `make setup PYTHON=/path/to/python3` names another.
PYTHON ?= python3.13 python3.12 python3.11 python3
# More words for pytest, the benchmarks and uv: `make test ARGS='-n 0 -k resume'`, `make lock ARGS=--upgrade`.
ARGS ?=

BIN := .venv/bin
# Holds the folder that .venv was made in, and is as new as what was installed.
STAMP := .venv/.set-up
PYTEST := $(BIN)/python -m pytest
PIP_INSTALL := $(BIN)/python -m pip --disable-pip-version-check -qq install
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header

.PHONY: help setup run test lint format bench lock clean

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s%s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## make .venv and install what is locked; does nothing where that is done

run: $(STAMP) ## serve Telegram where TELEGRAM_BOT_TOKEN is set, else open the playground
	@$(BIN)/greenroom run

# Tests wait more than they compute (for commits, clocks, processes): four at a time keep two cores busy.
# What failed in that crowd is run once more by itself, in sight: a broken test fails again and ends it.
test: $(STAMP) ## pass the whole test suite
	@$(PYTEST) -n 4 --dist worksteal $(ARGS) || { \
		echo "test: once more, by itself, what failed:" && \
		$(PYTEST) -n 0 --last-failed --last-failed-no-failures none --exitfirst $(ARGS); }

lint: $(STAMP) ## check style, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(STAMP) ## put the code into its format
	@$(BIN)/ruff check --fix --show-fixes .
	@$(BIN)/ruff format .

bench: $(STAMP) ## measure, as ratios
	@$(BIN)/python -m tests.bench $(ARGS)

lock: $(STAMP) ## write the hashed locks from pyproject.toml
	@$(LOCK) $(ARGS) pyproject.toml -o requirements/base.txt
	@$(LOCK) $(ARGS) pyproject.toml --group dev -o requirements/dev.txt
	@$(BIN)/python -c 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb")); \
		print("\n".join(project["build-system"]["requires"]))' \
		| $(LOCK) $(ARGS) -c requirements/dev.txt - -o requirements/build.txt

clean: ## remove .venv and every cache; databases and keys are kept elsewhere
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One that was left half made, or made in another folder, has scripts that do not run: begin anew.
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(CURDIR))
.PHONY: $(BIN)/python
endif

$(BIN)/python:
	@for candidate in $(PYTHON); do \
		if $$candidate -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
			>/dev/null 2>&1; then exec $$candidate -m venv --clear .venv; fi; \
	done; \
	echo "setup: no Python 3.11 or newer with its venv module among: $(PYTHON)." \
		"Install one (Debian: apt-get install python3-venv) or name it: make setup PYTHON=..." >&2; \
	exit 1

$(STAMP): pyproject.toml requirements/dev.txt $(BIN)/python
	@echo "Setting up .venv; this takes a while the first time."
	@$(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@pwd -P > $@
