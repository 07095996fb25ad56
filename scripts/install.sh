#!/bin/sh
# Make .venv with what uv.lock names. `dev` adds what tests need. Every refusal names the Debian package that is lacking.
set -eu
cd "$(dirname "$0")/.."
say() { printf '%s\n' "$*" >&2; }

python=""
for name in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
  [ -n "$name" ] || continue
  if command -v "$name" >/dev/null 2>&1 && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$name
    break
  fi
done
if [ -z "$python" ]; then
  say "ipmd needs Python 3.11 or newer. On Debian and Ubuntu: apt-get install python3 python3-venv"
  exit 1
fi
if ! [ -x .venv/bin/python ] || ! .venv/bin/python -c 'import sys' 2>/dev/null; then
  rm -rf .venv
  if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    say "Python's venv module is lacking. On Debian and Ubuntu: apt-get install python3-venv"
    exit 1
  fi
  say "Making .venv with $("$python" --version) …"
  "$python" -m venv .venv
fi
if ! .venv/bin/python -m uv --version >/dev/null 2>&1; then
  .venv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1' || {
    say "The package index can't be reached, or pip failed (see above). ipmd is installed from PyPI; a mirror can be named in pip's and uv's settings."
    exit 1
  }
fi
if [ "${1:-}" = dev ]; then groups="--all-groups"; else groups="--no-dev"; fi
say "Installing what uv.lock names …"
# --inexact keeps uv itself, and the development tools when `make run` follows `make test`.
UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON=.venv/bin/python .venv/bin/python -m uv sync --quiet --locked --inexact $groups
touch .venv/installed
[ "${1:-}" != dev ] || touch .venv/installed-dev
