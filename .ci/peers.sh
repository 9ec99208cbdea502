#!/usr/bin/env bash
# Install what the benchmark of peers compares with: Debian's programs, and Python's in build/peers, apart from our own.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
venv=build/peers
"$here/packages.sh" restic:restic borg:borgbackup mydumper:mydumper rsync:rsync
"$here/databases.sh"
if ! cmp --silent benchmarks/requirements.txt "$venv/.has"; then
  echo "Making $venv (once)"
  rm -rf "$venv"
  "$("$here/python.sh")" -m venv "$venv"
  if ! "$venv/bin/python" -m pip install --disable-pip-version-check -r benchmarks/requirements.txt >"$venv/log" 2>&1; then
    grep -v '^WARNING: Location' "$venv/log" | tail -n 20 >&2
    exit 1
  fi
  cp benchmarks/requirements.txt "$venv/.has"
fi
