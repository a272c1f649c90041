# `make demo` and `make test` set up everything they need; nothing else has to be installed or started.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PEERS  := .venv-bench
FAST    = $(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary=:all: --no-deps --upgrade \
	-c constraints.txt --target .bench-fast sqlglot sqlglotc

.PHONY: demo test test-slow lint types layers eval simulate clean
.PHONY: bench bench-clickhouse-marts bench-guard bench-marts bench-mcp bench-overhead bench-scorecard bench-stats

demo: $(VENV)/.ready
	@$(BIN)/gateway demo

test: export REQUIRE_CLICKHOUSE = 1
test: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -m "not slow" --numprocesses auto --maxprocesses 4 --dist loadfile

test-slow: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -m slow

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .

types: $(VENV)/.ready-dev
	$(BIN)/mypy

layers: $(VENV)/.ready-dev
	$(BIN)/lint-imports

eval: $(VENV)/.ready-dev
	$(BIN)/python -m tests.ask.evaluate

bench: $(VENV)/.ready-dev
	$(BIN)/python benchmarks/startup.py --runs 15

bench-guard: $(VENV)/.ready-dev
	$(BIN)/python benchmarks/guard.py
	@echo "the same with the compiled build of sqlglot, where there is a wheel of it:"
	@$(FAST)
	PYTHONPATH=.bench-fast $(BIN)/python benchmarks/guard.py --costs

bench-overhead: $(VENV)/.ready-dev
	$(BIN)/python benchmarks/overhead.py
	@echo "the same with the compiled build of sqlglot, where there is a wheel of it:"
	@$(FAST)
	PYTHONPATH=.bench-fast $(BIN)/python benchmarks/overhead.py

bench-clickhouse-marts: $(VENV)/.ready-dev
	$(BIN)/python benchmarks/clickhouse_marts.py

bench-scorecard: $(VENV)/.ready-dev
	$(BIN)/python benchmarks/scorecard.py

bench-marts: $(VENV)/.ready-dev
	$(BIN)/python benchmarks/marts_memory.py

bench-mcp: $(VENV)/.ready-dev
	$(BIN)/python benchmarks/mcp_server.py

bench-stats: $(VENV)/.ready-dev $(PEERS)/.ready
	$(BIN)/python benchmarks/stats.py --peers $(PEERS)/bin/python

simulate: $(VENV)/.ready-dev
	$(BIN)/python benchmarks/simulation.py --write

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "experiment-gateway needs Python 3.11 or newer, and $(PYTHON) is %d.%d: try make PYTHON=python3.12" % sys.version_info[:2])'
	@echo "setting up $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing pinned versions (once; about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.ready-dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing pinned versions with the development tools (once; about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@ $(VENV)/.ready

$(PEERS)/.ready: benchmarks/constraints.txt | $(BIN)/python
	@echo "installing gbstats and tea-tasting into $(PEERS), which the benchmark alone uses (once; about a minute)"
	@$(BIN)/python -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -c benchmarks/constraints.txt gbstats tea-tasting
	@touch $@

clean:
	rm -rf .gateway .bench-fast .mypy_cache .ruff_cache .pytest_cache .hypothesis
