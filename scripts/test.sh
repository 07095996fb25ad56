#!/bin/sh
# Everything: checks, then unit, database, browser and command-line tests. Installs a browser and tesseract where it may.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE # compiled modules make every command of the tests start faster
lacking=""
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || lacking="$lacking chromium"
command -v tesseract >/dev/null 2>&1 || lacking="$lacking tesseract-ocr"
if [ -n "$lacking" ]; then
  if command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo"
    echo "Installing$lacking …"
    $as_root apt-get update -qq
    # shellcheck disable=SC2086  # a list of package names
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $lacking fonts-dejavu-core >/dev/null
  else
    echo "The tests need these Debian packages:$lacking. Install them with: apt-get install$lacking" >&2
    exit 1
  fi
fi
sh scripts/check.sh
echo "== tests"
exec .venv/bin/pytest -n 2 --dist loadgroup "$@"
