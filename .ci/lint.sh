#!/usr/bin/env bash
# Everything that reads and runs nothing. All of them speak, even after one has found something.
set -uo pipefail
status=0
try() {
  echo "-- $1"
  "$@" || status=1
}
plugins=ansible_collections.diskominfo.backup.plugins

mapfile -t scripts < <(git ls-files --cached --others --exclude-standard -- .ci '*.sh' | sort -u)
try ruff check .
try ruff format --check .
try mypy -p "$plugins" -p "${plugins%plugins}tests"
try env MYPYPATH=benchmarks mypy benchmarks
try yamllint --strict .
try shellcheck "${scripts[@]}"
try ansible-lint
exit "$status"
