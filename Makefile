# The words of this repository: make help
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# make PYTHON=/path/to/python3.12 VENV=.venv312 unit: another Python, and with it another ansible-core.
export PYTHON ?=
VENV ?= .venv
PYTEST := python -m pytest

# Ansible refuses to start in a locale that is not UTF-8.
export LC_ALL := C.UTF-8
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/collections
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# A checkout that belongs to somebody else, as in many CI systems, is still ours to read.
export GIT_CONFIG_COUNT := 1
export GIT_CONFIG_KEY_0 := safe.directory
export GIT_CONFIG_VALUE_0 := *

.PHONY: help
help: ## List these words
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: backup
backup: ## Back up, check and report the demo applications, as an ordinary user
	@.ci/backup.sh $(VENV)

.PHONY: setup
setup: ## Make .venv with everything for development
	@.ci/venv.sh $(VENV) requirements-dev.txt

.PHONY: test
test: ## Install what the tests need and run everything below but the benchmarks
	@MAKE="$(MAKE)" .ci/test.sh

.PHONY: lint
lint: setup ## Read: ruff, mypy, ansible-lint, yamllint, shellcheck
	@.ci/lint.sh

.PHONY: unit
unit: setup ## Run the unit tests; every branch of the engine is taken
	@$(PYTEST) -n auto tests/unit tests/repository --cov --cov-report=term --cov-fail-under=100

.PHONY: docs
docs: setup ## Check changelog fragments and the documentation of modules and plugins
	@antsibull-changelog lint
	@antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck --disallow-unknown-collection-refs --validate-collection-refs=self .

.PHONY: package
package: setup ## Build the tarball, judge it as Galaxy does, install it offline
	@.ci/package.sh

.PHONY: sanity
sanity: setup ## Run ansible-test sanity on a copy, without ignore files
	@.ci/sanity.sh

.PHONY: integration
integration: setup ## Run the playbooks and the command below a temporary folder
	@$(PYTEST) tests/integration

.PHONY: faults
faults: setup ## Kill, fill, lock and alter; each fault is noticed
	@$(PYTEST) tests/faults

.PHONY: molecule
molecule: setup ## Try real servers in containers: timers, a fleet and its failures (SCENARIO=... for one)
	@.ci/molecule.sh $(SCENARIO)

.PHONY: benchmark
benchmark: setup ## Measure time and memory against the plain pipe (PART=... for one)
	@.ci/benchmark.sh $(PART)

.PHONY: clean
clean: ## Remove what make made, but for var/ with its backups
	@rm -rf .venv* build .ansible .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -path ./.git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
