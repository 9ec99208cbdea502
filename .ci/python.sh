#!/usr/bin/env bash
# Print the path of a Python 3.11 or newer that can make a virtual environment.
#
# A name in PATH proves nothing: version managers leave shims that end with status 127, and Debian splits `ensurepip`
# off its Python. So each candidate is run. PYTHON=/path/to/python names the only candidate.
set -euo pipefail

old=() bare=()
candidates=("${PYTHON:-}")
if [[ -z ${PYTHON:-} ]]; then
  candidates=(python3 python3.11 python3.12 python3.13 python3.14)
fi

for candidate in "${candidates[@]}"; do
  version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
  if ! "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    old+=("$candidate is $version")
  elif ! "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
    bare+=("$version")
  else
    # The Python below an activated environment, which may be the very one that is about to be made anew.
    "$candidate" -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))'
    exit 0
  fi
done

if ((${#bare[@]})); then
  echo "Python ${bare[0]} is here, but it cannot make a virtual environment: its venv package is missing." >&2
  echo "Remedy: apt install python${bare[0]}-venv (or python3-venv; elsewhere the package of that meaning)." >&2
elif ((${#old[@]})); then
  printf -v found '%s, ' "${old[@]}"
  echo "Python 3.11 or newer is needed; ${found%, }." >&2
  echo "Remedy: install a newer Python beside it, or name one: make PYTHON=/path/to/python3.11 ..." >&2
else
  echo "Python 3.11 or newer is needed, and none of these runs: ${candidates[*]}." >&2
  echo "Remedy: apt install python3 python3-venv, or name one: make PYTHON=/path/to/python3.11 ..." >&2
fi
exit 1
