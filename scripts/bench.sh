#!/bin/sh
# Each benchmark runs ours and its peer on the same input in the same run, and prints one JSON object.
set -eu
cd "$(dirname "$0")/.."
for file in benchmarks/*.py; do
  echo "== $file" >&2
  .venv/bin/python "$file"
done
