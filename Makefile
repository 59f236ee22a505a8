# Everything a checkout needs; Python 3.10 to 3.13 and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help install demo test test-all lint format bench docs build clean

help:  ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

install: $(VENV)/.installed  ## Create .venv and install toonify with what its tests need

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; ok = (3, 10) <= sys.version_info < (3, 14); ok or sys.exit(f"toonify needs Python 3.10 to 3.13, this is {sys.version.split()[0]}: try make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[jax,tensorboard,video]' --group dev
	@touch $@

demo: install  ## Convert the sample photographs with the bundled style
	$(BIN)/toonify convert samples cartoons --compare --overwrite
	@echo "Look at the pictures in cartoons/: NAME.jpg, and NAME.compare.jpg beside the photograph."

test: install  ## Check the code and run the tests
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n $(JOBS)

test-all: install  ## Run all tests, the slow ones too
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n $(JOBS) -m 'slow or not slow'

lint: install  ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install  ## Put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install  ## Measure, and print the table
	$(BIN)/python -m benchmarks

docs: install  ## Write the command reference anew
	$(BIN)/python docs/make_reference.py

build: install  ## Build the wheel and the source archive, and check them
	rm -rf dist
	$(BIN)/python -m build --outdir dist .
	$(BIN)/python -m twine check --strict dist/*

clean:  ## Remove what was built, not what you made
	rm -rf $(VENV) dist build .mypy_cache .pytest_cache .ruff_cache
