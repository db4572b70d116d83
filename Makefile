# Every verb of the project. `make` alone lists them.
SHELL := /bin/bash -o pipefail
PYTHON ?= python3
BIN := .venv/bin
TESTS ?=
# Several processes share the tests, for most of their time is waiting; each has servers of its own.
SHARED := -n 4

.PHONY: help up logs setup fmt check unit integration house test e2e bench bench-freshness bench-whole audit checkov ci adr constraints

help: ## list the verbs
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  %-16s %s\n", $$1, $$2}'

up: .venv/.up ## run the whole product on this machine; Ctrl-C stops it
	@exec $(BIN)/roost up

logs: ## follow the logs of `make up`
	@exec tail -n 20 -F $${ROOST_DATA_DIR:-var}/log/*.log

setup: .venv/.dev ## install everything that developing takes

fmt: .venv/.dev ## format the code and mend what can be mended
	@$(BIN)/ruff format -q . && $(BIN)/ruff check -q --fix .

check: .venv/.dev ## format, lint, types, imports, and that docs are in step
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/roost settings --env | diff .env.example -
	$(BIN)/roost metrics | diff docs/metrics.md -

unit: .venv/.dev ## tests that need nothing
	$(BIN)/pytest tests/unit $(SHARED) $(TESTS)

integration: .venv/.dev ## tests on real servers, which they find or start
	$(BIN)/pytest tests/integration $(SHARED) $(TESTS)

house: .venv/.dev ## tests of what no other tool knows
	$(BIN)/pytest tests/house $(TESTS)

test: .venv/.dev ## unit, integration and house
	$(BIN)/pytest tests/unit tests/integration tests/house $(SHARED) $(TESTS)

e2e: .venv/.dev ## whole deployments, in containers and in a browser (needs Docker and Chromium)
	$(BIN)/pytest tests/e2e -n 2 --dist loadgroup $(TESTS)

bench: .venv/.dev ## how fast it is, each figure beside its yardstick
	$(BIN)/python -m bench

bench-freshness: .venv/.dev ## how fresh timelines are for what is spent, beside other policies (minutes)
	$(BIN)/python -m bench.freshness

bench-whole: .venv/.dev ## the whole system in a made-up world, beside the policy alone (minutes)
	$(BIN)/python -m bench.freshness.whole

audit: ## known weaknesses of what is pinned, as the public database has them; fails where it cannot ask
	@[ -x .venv/audit/bin/pip-audit ] || { $(PYTHON) -m venv .venv/audit && .venv/audit/bin/pip install -q pip-audit; }
	.venv/audit/bin/pip-audit --strict --requirement constraints.txt --no-deps --disable-pip

checkov: .venv/.dev ## what checkov says of every object under k8s/ (a minute the first time: it is 100 packages)
	@[ -x .venv/checkov/bin/checkov ] || { $(PYTHON) -m venv .venv/checkov && .venv/checkov/bin/pip install -q checkov==3.3.30; }
	@rm -rf var/k8s && $(BIN)/python -m tests.house.kubernetes.rendered var/k8s
	.venv/checkov/bin/checkov -d var/k8s --framework kubernetes --skip-download --compact --quiet

ci: check test checkov e2e ## what CI runs, no more, no less

adr: ## begin a decision record: make adr name="ids are text"
	@bin/adr "$(name)"

constraints: ## pin every package anew, from what a clean install takes
	@bin/constraints $(PYTHON)

.venv/.up: pyproject.toml constraints.txt
	@bin/install $(PYTHON) '.[embedded]'
	@touch $@

.venv/.dev: pyproject.toml constraints.txt
	@bin/install $(PYTHON) '.[embedded,test,lint,bench]'
	@touch .venv/.up $@
