# Dask Lens: `make lab` to use it, `make test` to check it; `make` alone lists the rest.

MAKEFLAGS += --no-builtin-rules --no-print-directory
# Two at a time where make can keep their outputs apart (make 4), unless parts are asked for.
ifeq ($(MAKELEVEL)$(word 2,$(MAKECMDGOALS)),0)
MAKEFLAGS += $(if $(filter output-sync,$(.FEATURES)),--jobs=2)
endif
.DEFAULT_GOAL := help
.PHONY: help lab test beside lint types layers invisible ui plain oldplain unit notebooks \
	oldest benchmarks screenshots generated clean summary

# What is done already, so that second runs start at once.
MADE := .venv/.made
REPORTS := .venv/reports
PIP := .venv/bin/python -m pip --disable-pip-version-check install --quiet
PYTEST := .venv/bin/python -m pytest
NPM := cd js && PATH="$(CURDIR)/.venv/bin:$$PATH" npm --no-update-notifier
# The page is built by `make`, so the package's build must not build it as well.
EDITABLE := HATCH_JUPYTER_BUILDER_SKIP_NPM=1 $(PIP)
PAGE := $(wildcard js/*.json js/*.mjs js/*.js js/*.ts js/.npmrc) \
	$(shell find js/src js/style js/schema 2>/dev/null)

# What `make test` runs, in this order: what is timed has the machine for itself.
STEPS := beside unit notebooks oldest
# What is not, two at a time, those that take longest first.
BESIDE := oldplain ui plain invisible lint types layers
SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
# Tests with a step of their own.
APART := tests/ui tests/test_house.py tests/test_examples.py tests/test_invisible.py
# Tests that look at no clock.
PLAIN := $(addprefix tests/,lint present record rewrites source wild \
	$(addprefix compare/test_,command.py fresh.py meters.py statistics.py) \
	$(addprefix rules/test_,chunks_too_small.py main_guard.py) \
	$(addprefix observe/test_,calls.py calls_harmless.py clients.py faults.py made.py unseen.py) \
	$(addprefix test_,benchmarks.py forecaster.py install.py judge.py kernel.py magics.py \
	measures.py wire.py)) $(filter-out %/test_batches.py,$(wildcard tests/metrics/test_*.py))
# What cannot differ with the versions of Python and of the dependencies: arithmetic, and what
# stands on observing, rewriting and comparing, of which other tests are run with all versions.
SAME := $(APART) $(addprefix tests/,metrics observe/test_interpreter.py \
	observe/test_known.py test_benchmarks.py \
	test_effects.py test_install.py lint/test_mangled.py source/test_any_python.py) \
	$(addprefix tests/compare/test_,command.py engine.py recommendation.py statistics.py)
# What is not held to the clock on the oldest versions: nor are the rules there.
OLDPLAIN := $(filter-out $(SAME) tests/metrics/% tests/rules/%,$(PLAIN)) tests/rules
# Floors of the dependencies in pyproject.toml, as exact versions.
FLOORS := sed -n '/^dependencies = \[/,/^\]/s/^ *"\([^">]*\)>=\([^",]*\).*/\1==\2/p' pyproject.toml

heading = @printf '\n== %s\n' '$(1)'
report = --junitxml=$(REPORTS)/$@.xml -o junit_suite_name=$@

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 20

lab: $(MADE)/lab ## Open JupyterLab on the first example
	@set -- --LabApp.default_url=/lab/tree/examples/01-serial-processes.ipynb; \
	if [ "$$(id -u)" = 0 ]; then set -- "$$@" --allow-root; fi; \
	if [ "$$(uname)" = Linux ] && [ -z "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ]; then \
	    set -- "$$@" --no-browser; fi; \
	exec .venv/bin/jupyter lab "$$@" $(LAB)

test: $(MADE)/test ## Check everything; stops at the first failure
	@rm -rf $(REPORTS); for step in $(STEPS); do $(MAKE) $$step || { $(MAKE) summary; \
	    echo "make test: STOPPED at '$$step', the rest did not run. Again: make $$step" >&2; \
	    exit 1; }; done
	@$(MAKE) summary
	@echo 'make test: all passed'

beside: $(MADE)/test ## All that is not held to the clock
	@$(MAKE) $(SYNC) $(BESIDE)

summary:
	@.venv/bin/python tools/summary.py $(REPORTS)

lint: $(MADE)/test ## ruff, eslint, prettier, stylelint
	$(call heading,Lint: Python)
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .
	$(call heading,Lint: TypeScript and styles)
	@$(NPM) run --silent lint

types: $(MADE)/test ## mypy, tsc
	$(call heading,Types: Python)
	@.venv/bin/mypy
	$(call heading,Types: TypeScript)
	@$(NPM) run --silent types

layers: $(MADE)/test ## Who may import whom, and the other rules of the house
	$(call heading,Layers and house)
	@$(PYTEST) tests/test_house.py $(report)

invisible: $(MADE)/test ## Dask's own tests, with the lens and without
	$(call heading,Dask with and without the lens)
	@$(PYTEST) tests/test_invisible.py $(report)

ui: $(MADE)/test ## Tests in a real JupyterLab and a real browser
	$(call heading,Tests: browser)
	@chromium="$$(tools/find-chromium)" && \
	    DASK_LENS_CHROMIUM="$$chromium" $(PYTEST) tests/ui \
	    -k 'not (screenshot and (dark or comparison))' \
	    --durations=5 $(report)

plain: $(MADE)/test ## Python and TypeScript tests that look at no clock
	$(call heading,Tests: no clock)
	@$(PYTEST) $(PLAIN) --durations=5 $(report)
	$(call heading,Tests: TypeScript)
	@$(NPM) run --silent test -- --reporter=default --reporter=junit \
	    --outputFile.junit="$(CURDIR)/$(REPORTS)/vitest.xml"

oldplain: .venv-oldest/.made ## Those that look at no clock, and of rules, on the oldest versions
	$(call heading,Tests: no clock; oldest supported versions)
	@.venv-oldest/bin/python -m pytest $(OLDPLAIN) $(SAME:%=--ignore=%) --durations=5 $(report)

unit: $(MADE)/test ## Python tests that may look at the clock
	$(call heading,Tests: Python)
	@$(PYTEST) tests $(APART:%=--ignore=%) $(PLAIN:%=--ignore=%) --durations=5 $(report)

notebooks: $(MADE)/test ## Run the example notebooks
	$(call heading,Example notebooks)
	@$(PYTEST) tests/test_examples.py --durations=5 $(report)

oldest: .venv-oldest/.made ## Python tests that may, on the oldest supported versions
	$(call heading,Tests: oldest supported versions)
	@.venv-oldest/bin/python -m pip --disable-pip-version-check list 2>/dev/null \
	    | grep -iE '^(dask|distributed|ipython|ipykernel|anywidget|libcst) ' | xargs
	@.venv-oldest/bin/python -m pytest tests $(SAME:%=--ignore=%) $(PLAIN:%=--ignore=%) \
	    $(OLDPLAIN:%=--ignore=%) --durations=5 $(report)

benchmarks: $(MADE)/test ## What the lens costs
	@for file in benchmarks/[a-z]*.py; do .venv/bin/python "$$file" || exit 1; done

screenshots: $(MADE)/test ## Make the pictures of docs/images again
	@chromium="$$(tools/find-chromium)" && DASK_LENS_CHROMIUM="$$chromium" \
	    DASK_LENS_SCREENSHOTS="$(CURDIR)/docs/images" $(PYTEST) tests/ui -k screenshot

generated: $(MADE)/test ## Write the generated files again: tables, rule pages, wire types
	@.venv/bin/python tools/generate.py

clean: ## Remove environments and builds
	@rm -rf .venv .venv-oldest js/node_modules js/lib js/*.tsbuildinfo dist \
	    dask_lens/labextension dask_lens/present/static/widget.js

$(MADE)/venv:
	@python="$$(tools/find-python)" && echo "Making .venv with $$python" && \
	    rm -rf .venv && "$$python" -m venv .venv
	@$(PIP) --upgrade 'pip>=25.1'
	@mkdir -p $(@D) && touch $@

$(MADE)/npm: js/package.json js/package-lock.json | $(MADE)/venv
	@tools/check-node && echo 'Installing what the page is built with (npm ci)'
	@$(NPM) ci --silent
	@touch $@

# The environment sees the build itself, not a copy: a rebuilt page needs only a reload, and the
# page may be built later. pip follows links when it uninstalls, so they go first.
$(MADE)/packages: pyproject.toml | $(MADE)/venv
	@echo 'Installing dask-lens and JupyterLab'
	@rm -rf .venv/share/jupyter/labextensions/dask-lens
	@mkdir -p dask_lens/labextension
	@$(EDITABLE) --group build --editable '.[lab,examples]'
	@rm -rf .venv/share/jupyter/labextensions/dask-lens
	@ln -s ../../../../dask_lens/labextension .venv/share/jupyter/labextensions/dask-lens
	@touch $@

$(MADE)/page: $(MADE)/npm $(MADE)/packages $(PAGE)
	@tools/check-node && echo 'Building the page'
	@$(NPM) run --silent build:prod
	@touch $@

$(MADE)/lab: $(MADE)/page $(MADE)/packages
	@touch $@

$(MADE)/group: $(MADE)/packages
	@echo 'Installing what the tests need'
	@$(PIP) --group test
	@touch $@

$(MADE)/test: $(MADE)/lab $(MADE)/group
	@touch $@

# Python 3.10 where there is one (pyenv keeps it out of sight), else the Python of .venv.
.venv-oldest/.made: pyproject.toml js/package.json | $(MADE)/page
	@python="$$(PYTHON=python3.10 tools/find-python 2>/dev/null || \
	    PYENV_VERSION="$$(pyenv versions --bare 2>/dev/null | grep '^3\.10\.' | tail -n 1)" \
	    PYTHON=python3.10 tools/find-python 2>/dev/null || tools/find-python)" && \
	    echo "Making .venv-oldest with $$python" && rm -rf .venv-oldest && \
	    "$$python" -m venv .venv-oldest
	@.venv-oldest/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	@$(FLOORS) > .venv-oldest/floors.txt
	@HATCH_JUPYTER_BUILDER_SKIP_NPM=1 .venv-oldest/bin/python -m pip install --quiet \
	    --constraint .venv-oldest/floors.txt --group pytest --editable .
	@touch $@
