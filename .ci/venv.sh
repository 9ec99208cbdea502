#!/usr/bin/env bash
# Make the virtual environment VENV hold what REQUIREMENTS lists: venv.sh VENV REQUIREMENTS
#
# A stamp with the hash of what was asked for makes the second call cost nothing. Requirements are stamped apart, since
# requirements-dev.txt includes requirements.txt.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
venv=${1:?usage: venv.sh VENV REQUIREMENTS} requirements=${2:?usage: venv.sh VENV REQUIREMENTS}

wanted=$(cat requirements.txt "$requirements" | sha256sum | cut -c1-32)
stamp=$venv/.has-$(basename "$requirements" .txt)
# The second half proves that the environment still runs: it breaks when its folder moves or its Python goes away.
if [[ $(cat "$stamp" 2>/dev/null) == "$wanted" ]] && "$venv/bin/ansible-playbook" --version >/dev/null 2>&1; then
  exit 0
fi

if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1 || ! grep -qsxF "$PWD" "$venv/.made-in"; then
  python=$("$here/python.sh")
  echo "Making $venv with $python"
  rm -rf "$venv"
  "$python" -m venv "$venv"
  echo "$PWD" >"$venv/.made-in"
fi
rm -f "$stamp"
echo "Installing $requirements into $venv (once; a minute or so)"
if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements"; then
  echo "pip could not install $requirements: the lines above say which package." >&2
  echo "Remedy: check that this machine reaches a package index (pip config list; PIP_INDEX_URL, HTTPS_PROXY), then repeat." >&2
  exit 1
fi
echo "$wanted" >"$stamp"
# Whoever has the development requirements has the run-time ones too.
cat requirements.txt requirements.txt | sha256sum | cut -c1-32 >"$venv/.has-requirements"
