#!/usr/bin/env bash
# Let ansible-test make its environments offline: seed-ansible-test.sh PYTHON
#
# It fetches a script that installs pip from a host of its own, once, into a cache. The pip that comes with every Python
# does as well, so a script that says so is laid into that cache first.
set -euo pipefail
python=${1:?usage: seed-ansible-test.sh PYTHON}
version=$(
  "$python" - <<'P'
import pathlib
import re

import ansible_test

source = pathlib.Path(ansible_test.__path__[0], "_internal", "python_requirements.py").read_text()
print(re.search(r"^\s*pip='([0-9.]+)'", source, re.MULTILINE)[1].replace(".", "_"))
P
)
seed=$HOME/.ansible/test/cache/get_pip_$version.py
mkdir -p "$(dirname "$seed")"
if [[ ! -s $seed ]]; then
  printf 'import ensurepip\nensurepip.bootstrap(default_pip=True)\n' >"$seed"
fi
