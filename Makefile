# Two commands for a bare Debian 12: make demo, make test. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv/bin
# A stage is a dozen Python processes; where byte code may not be kept each of them compiles all of the source anew.
export PYTHONDONTWRITEBYTECODE :=
CODE := schemas certs pages hub adapters deploy tests

# $(call timed,NAME) COMMAND: a heading, and the seconds it took.
timed = @echo "── $(1)"; TIMEFORMAT="── $(1): %1R s"; time

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo js-county test test-long chaos drill rehearsal bench onboarding pages lint wheelhouse lock fresh clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/'

demo: ## show two counties handling real-looking cases on this machine (ONCE=1: end when done; SHORT=1: licenses only; CASES=n)
	@$(PYTHON) -m deploy.setup demo
	@$(VENV)/python -m deploy.demo

js-county: ## a county in JavaScript joins the demonstration's world and takes a case to its end (Node 18 or later)
	@$(PYTHON) -m deploy.setup js
	@$(VENV)/python -m deploy.jscounty

test: ## everything that is checked, as CI does it (LONG=1: the long tests, too)
	@$(PYTHON) -m deploy.setup test
	$(call timed,lint and pytest) $(SHELL) deploy/setup/tests.sh

test-long: ## the long tests, too: every county on the broker, PostgreSQL throughout, the restore drill
	@LONG=1 $(MAKE) --no-print-directory test

chaos: ## faults at random points of running cases, checked afterwards (SEED=n MINUTES=30 CYCLES=n FAULTS="kill …")
	@$(PYTHON) -m deploy.setup chaos
	@$(VENV)/python -m tests.chaos

drill: ## the drill "this key is burnt": a county is cut off and joins anew, each step timed (var/drill)
	@$(PYTHON) -m deploy.setup demo
	@$(VENV)/python -m deploy.drill

rehearsal: ## 177 busy counties, one real trouble after another: how soon page and alert say so (TROUBLES="name …"; var/rehearsal)
	@$(PYTHON) -m deploy.setup test
	@$(VENV)/python -m tests.rehearsal

bench: ## throughput, latency and cost beside a bare relay and FastStream (QUICK=1: a few minutes; var/bench)
	@$(PYTHON) -m deploy.setup test
	@$(VENV)/python -m deploy.bench

onboarding: ## a county's afternoon in each dialect, from an invitation to a live item (DIALECTS="zhejiang …"; var/onboarding)
	@$(PYTHON) -m deploy.setup onboarding
	@$(VENV)/python -m deploy.onboarding

lint: ## style, types, import rules and the contract's gate only (after demo or test has made .venv)
	$(call timed,ruff check) $(VENV)/ruff check $(CODE)
	$(call timed,ruff format) $(VENV)/ruff format --check $(CODE)
	$(call timed,mypy) $(VENV)/mypy
	$(call timed,import-linter) $(VENV)/lint-imports
	$(call timed,contract) $(VENV)/python -m hub contract check

wheelhouse: ## all that an installation without a network needs, signed (KEY=release.key FOR="--python 3.12 --platform …")
	@$(PYTHON) -m deploy.setup wheelhouse
	@$(VENV)/python -m deploy.wheelhouse $(if $(KEY),--key $(KEY)) $(FOR)

lock: ## renew requirements.lock (and pip's own) from pyproject.toml (newest versions that fit; hashes for all platforms)
	@$(PYTHON) -m venv var/lock
	@var/lock/bin/pip install --quiet --no-cache-dir --disable-pip-version-check uv
	@var/lock/bin/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--upgrade --no-cache --quiet --custom-compile-command 'make lock' --output-file requirements.lock
	@{ echo '# What fills .venv, itself by its hash; `make lock` renews it.'; echo pip | var/lock/bin/uv pip compile - \
		--universal --python-version 3.11 --generate-hashes --upgrade --no-cache --quiet --no-header --no-annotate; } \
		> deploy/setup/pip.lock
	@! grep -nE '^ *(--(extra-)?index-url|--find-links|-i|-f) |https?://' requirements.lock deploy/setup/pip.lock

fresh: ## both commands in a bare Debian 12, made with mmdebstrap and removed afterwards (root; committed files only)
	@$(PYTHON) -m deploy.setup fresh
	@$(PYTHON) -m deploy.fresh

pages: ## the browser journeys and every main page, with pictures and an index of them (var/pages; TESTS="file …")
	@$(PYTHON) -m deploy.setup test
	@$(VENV)/python -m tests.pages $(TESTS)

clean: ## remove what the commands made in this folder
	rm -rf .venv var dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
