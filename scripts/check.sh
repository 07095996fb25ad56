#!/bin/sh
# Format, lint, types, import rules: what needs no database.
set -eu
cd "$(dirname "$0")/.."
echo "== format" && .venv/bin/ruff format --check .
echo "== lint" && .venv/bin/ruff check .
echo "== types" && .venv/bin/mypy
echo "== import rules" && .venv/bin/lint-imports
