# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Each target sets up what it needs. To begin with: make demo, make test.

PYTHON ?= python3
VENV   ?= .venv
JOBS   ?= 2
CHECKS ?= sanity,tarball,units,integration
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-real fake fake-help contact contact-compare clean quick test lint typing nox sanity oldest matrix conformance equivalence hostile faults tarball coverage mutation bench bench-wait bench-scale docs docs-output pictures changelog

$(READY): tests/requirements.txt Makefile
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with make PYTHON=...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --requirement tests/requirements.txt
	@# Under this name Python and Ansible find the checkout, whatever its folder is called.
	@site=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])') \
	  && mkdir -p "$$site/ansible_collections/community" \
	  && ln -sfn "$(CURDIR)" "$$site/ansible_collections/community/northflank"
	@touch $@

##@ Use

help:  ## Show this list
	@awk -F ':.*## ' '/^##@ / {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## Make the virtual environment

demo: $(READY)  ## Build a job against the embedded API: nothing leaves this machine
	@$(BIN)/python tests/demo/run.py

demo-real: $(READY)  ## Start the same eight builds with NORTHFLANK_API_TOKEN, of NORTHFLANK_PROJECT_ID and NORTHFLANK_JOB_ID
	@$(BIN)/python tests/demo/run.py --real

fake: $(READY)  ## Start the embedded API to play with
	@$(BIN)/python -m tests.fake_northflank

contact: $(READY)  ## Say what a first contact with the real API would do; CONTACT=yes does it, and writes contact/report.md
	@CONTACT="$(CONTACT)" CONTACT_RUN="$(CONTACT_RUN)" $(BIN)/python tools/contact/run.py

contact-compare: $(READY)  ## Compare a transcript of a contact (FILE=...) with the embedded API
	@$(BIN)/python tools/contact/run.py "$(FILE)"

fake-help: $(READY)  ## Say how to start and to steer the embedded API
	@$(BIN)/python -m tests.fake_northflank --help

clean:  ## Remove everything that the other targets made
	rm -rf $(VENV) .cache docs/_build .hypothesis .mypy_cache .pytest_cache .ruff_cache

##@ Check

quick: $(READY)  ## Run the unit tests without the slow ones, in less than a minute: after each edit
	@$(BIN)/python -m pytest --numprocesses 2 -m "not slow" tests/unit

test: $(READY)  ## Run the tests: unit tests, faults, integration targets, examples (make docs and make hostile have their own)
	@$(BIN)/python -m pytest --numprocesses 2 -m "not pages and not hostile" $(TESTS)

$(VENV)/.lint: $(READY)
	@$(PIP) install ruff mypy types-requests yamllint
	@touch $@

lint: $(VENV)/.lint  ## Check style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/yamllint --strict .

typing: $(VENV)/.lint  ## Check types
	@mkdir -p .cache/typing/ansible_collections/community && ln -sfn "$(CURDIR)" .cache/typing/ansible_collections/community/northflank
	@mypy="$$(cd $(BIN) && pwd)/mypy" && cd .cache/typing && "$$mypy" --config-file "$(CURDIR)/pyproject.toml" \
	  -p ansible_collections.community.northflank.plugins.module_utils -p ansible_collections.community.northflank.plugins.plugin_utils

$(VENV)/.nox: $(READY)
	@$(PIP) install nox antsibull-nox
	@touch $@

nox: $(VENV)/.nox  ## Run the checks for Ansible collections by antsibull-nox (SESSIONS="docs-check ansible-lint" for some)
	@PATH="$$(cd $(BIN) && pwd):$$PATH" $(BIN)/nox $(if $(SESSIONS),--session $(SESSIONS))

sanity: $(READY)  ## Run ansible-test sanity on this Python and ansible-core
	@tools/ansible_test.sh $(VENV) sanity --venv --python $$($(BIN)/python -c "import sys; print('%d.%d' % sys.version_info[:2])")

oldest:  ## Run the unit tests and the integration targets with the oldest requests and urllib3 supported
	@PIP_CONSTRAINT=tests/oldest.txt $(MAKE) --no-print-directory VENV=.cache/oldest TESTS="tests/unit tests/runner/test_integration.py" test

matrix: $(READY)  ## Run ansible-test on every ansible-core and Python supported and installed (CELLS="2.19/3.11 2.21" for some)
	@$(BIN)/python tools/matrix.py --jobs $(JOBS) --checks $(CHECKS) $(CELLS)

conformance: $(READY)  ## Compare requests with those of the three official clients (needs Node.js)
	@tests/conformance/setup.sh $(VENV)
	@$(BIN)/python -m pytest tests/conformance
	@$(BIN)/python -m pytest tests/docs/test_pages.py -k coming

equivalence: $(READY)  ## Compare the results of both ways to run a task, key for key
	@$(BIN)/python -m pytest tests/equivalence --numprocesses 2 --dist loadgroup

hostile:  ## Run plays against hostile responses on several ansible-core (CORES="2.16 2.21" for some)
	@TESTS="tests/runner/test_hostile_answers.py tests/unit/plugins/plugin_utils/test_hostile_answers.py" tests/equivalence/cores.sh

faults: $(READY)  ## Try every fault in every situation, and 5,000 random schedules of them
	@$(BIN)/python -m pytest --numprocesses 2 tests/faults/test_table.py
	@$(BIN)/python tests/faults/run.py

$(VENV)/.release: $(READY) tests/release/requirements.txt
	@$(PIP) install --requirement tests/release/requirements.txt
	@touch $@

tarball: $(VENV)/.release  ## Build the tarball; try it, the execution environment and the AWX files
	@$(BIN)/python -m pytest tests/release
	@$(BIN)/ansible-galaxy collection build --force

##@ Measure

coverage: $(READY)  ## Measure which lines and branches of plugins/ the unit tests and the integration targets reach
	@tools/coverage.sh $(VENV)

$(VENV)/.mutation: $(READY)
	@$(PIP) install cosmic-ray
	@touch $@

mutation: $(VENV)/.mutation  ## Change the client, the start and the wait in small ways; see whether the unit tests notice
	@$(BIN)/python tools/mutation/run.py

bench: $(READY)  ## Time builds: the collection, ansible.builtin.uri and the official clients; writes docs/benchmarks.md
	@$(BIN)/python tools/benchmark/bench.py

bench-wait: $(READY)  ## Count the requests of waiting, and how late an end is seen; a minute, no page
	@$(BIN)/python tools/benchmark/bench_wait.py

bench-scale: $(READY)  ## Measure what grows with history, builds, log and hosts, and how fast; writes docs/scale.md
	@$(BIN)/python tools/benchmark/bench_scale.py

##@ Write

$(VENV)/.docs: $(READY)
	@$(PIP) install antsibull-docs sphinx furo sphinx-copybutton
	@touch $@

docs: $(VENV)/.docs  ## Run every line of the documentation, check it, and build its site, docs/_build/html/index.html
	@$(BIN)/python -m pytest --numprocesses 2 tests/docs
	@rm -rf .cache/docs docs/_build && mkdir -p -m 755 .cache/docs/rst
	@export PATH="$$(cd $(BIN) && pwd):$$PATH" ANSIBLE_COLLECTIONS_PATH= \
	  && antsibull-docs lint-collection-docs --plugin-docs --check-extra-docs-refs --validate-collection-refs all \
	       --disallow-unknown-collection-refs . \
	  && antsibull-docs collection --use-current --squash-hierarchy --fail-on-error --no-add-antsibull-docs-version \
	       --dest-dir .cache/docs/rst community.northflank \
	  && if test -d docs/docsite/rst/images; then cp -R docs/docsite/rst/images .cache/docs/rst/; fi \
	  && sphinx-build -q -W --keep-going -c docs -d .cache/docs/doctrees .cache/docs/rst docs/_build/html
	@echo "See docs/_build/html/index.html"

docs-output: $(READY)  ## Update the outputs that the pages show
	@$(BIN)/python tests/docs/regenerate.py

$(VENV)/.pictures: $(READY)
	@$(PIP) install pexpect rich
	@touch $@

pictures: $(VENV)/.pictures  ## Draw the pictures of the documentation, from the code and from real runs
	@$(BIN)/python tools/pictures/draw.py

changelog: $(VENV)/.release  ## Move the changelog fragments into the changelog of the version in galaxy.yml
	@PATH="$$(cd $(BIN) && pwd):$$PATH" $(BIN)/antsibull-changelog release
