#!/usr/bin/env bash
# ansible-test sanity on a copy: everything on the controller's Python, what runs on servers on the oldest and the newest.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
copy=$("$here/collection-copy.sh" "$PWD/build/sanity")
"$here/seed-ansible-test.sh" python

if [[ -n $(find "$copy/tests/sanity" -name 'ignore-*.txt' 2>/dev/null) ]]; then
  echo "There is an ignore file below tests/sanity/: mend the finding instead." >&2
  exit 1
fi

# ansible-test takes the first pythonX.Y in PATH, which may be the shim of a version that is not installed.
oldest=$(python tests/interpreters.py 3.9)
newest=$(python tests/interpreters.py 3.13)
controller=$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
PATH=$(dirname "$(command -v ansible-test)"):$(dirname "$oldest"):$(dirname "$newest"):$PATH
export PATH

log=$PWD/build/sanity/log
cd "$copy"
run() {
  ansible-test sanity --local --requirements --color no "$@" 2>&1 | tee "$log"
  if grep -q 'All targets skipped' "$log"; then
    echo "ansible-test found no target: nothing was tested." >&2
    exit 1
  fi
}
run --python "$controller"
run --python 3.9 --test compile --test import
run --python 3.13 --test compile --test import
