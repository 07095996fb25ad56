# Two commands for people: `make run` and `make test`. The rest serves them.
SHELL := /bin/sh
BIN := .venv/bin

.PHONY: run test check bench install install-dev messages clean

run: install
	@$(BIN)/ipmd run

test: install-dev
	@sh scripts/test.sh

check: install-dev
	@sh scripts/check.sh

bench: install-dev
	@sh scripts/bench.sh

install: .venv/installed
install-dev: .venv/installed-dev

.venv/installed: pyproject.toml uv.lock
	@sh scripts/install.sh
.venv/installed-dev: pyproject.toml uv.lock
	@sh scripts/install.sh dev

messages: install-dev
	@$(BIN)/python scripts/make_messages.py

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
