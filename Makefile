# Two commands for everybody: `make demo` trains on cartoon faces, `make test` runs the test suite.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-all lint docs bench bench-ddp clean

demo: $(VENV)/.installed
	$(BIN)/gan-train

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest

# Also what takes too long for every change: all combinations, every recorded recipe, a kill at every moment of a run.
test-all: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m ""

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The site, in build/site. A link to nowhere or a missing docstring is an error.
docs: $(VENV)/.installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo "build/site/index.html is the first page. With search: $(BIN)/python -m http.server --directory build/site"

bench: $(VENV)/.installed
	mkdir -p build
	$(BIN)/python benchmarks/step.py --json build/bench.json --markdown build/bench.md

bench-ddp: $(VENV)/.installed
	$(BIN)/python benchmarks/ddp.py

clean:
	rm -rf $(VENV) outputs build dist

# Debian's Python comes without ensurepip; its pip can then fill the environment from outside.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV) \
	|| { $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --python $(VENV) install --quiet pip; } \
	|| { rm -rf $(VENV); echo "make: $(PYTHON) needs its modules venv and pip (on Debian: python3-venv)" >&2; exit 1; }

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@ $(VENV)/.installed

$(VENV)/.installed-docs: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[docs]'
	touch $@ $(VENV)/.installed
