#!/usr/bin/env bash
# Make the virtual environment VENV hold what REQUIREMENTS lists: venv.sh VENV REQUIREMENTS
#
# A stamp with the hash of what was asked for makes the second call cost next to nothing.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
venv=${1:?usage: venv.sh VENV REQUIREMENTS} requirements=${2:?usage: venv.sh VENV REQUIREMENTS}

hash_of() { cat requirements.txt "$1" | sha256sum | cut -c1-32; }
stamp_of() { echo "$venv/.has-$(basename "$1" .txt)"; }
is_here() { [[ $(cat "$venv/.made-in" 2>/dev/null) == "$PWD" ]]; }

# An environment breaks when its folder is moved or its Python goes away, so it is run, not looked at.
if is_here && [[ $(cat "$(stamp_of "$requirements")" 2>/dev/null) == "$(hash_of "$requirements")" ]] &&
  "$venv/bin/ansible-playbook" --version >/dev/null 2>&1; then
  exit 0
fi

if [[ ! -w . ]]; then
  echo "This folder cannot be written to by $(id -un): $PWD" >&2
  echo "Remedy: work in a copy of your own (git clone), or let its owner run this." >&2
  exit 1
fi
if ! is_here || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  python=$("$here/python.sh")
  echo "Making $venv with $python"
  rm -rf "$venv"
  "$python" -m venv "$venv"
  echo "$PWD" >"$venv/.made-in"
fi

rm -f "$venv"/.has-*
echo "Installing $requirements into $venv (once)"
log=$venv/install.log
if ! "$venv/bin/python" -m pip install --disable-pip-version-check --requirement "$requirements" >"$log" 2>&1; then
  grep -v '^WARNING: Location' "$log" | tail -n 20 >&2
  echo "pip could not install $requirements; all it said is in $log." >&2
  echo "Remedy: let this machine reach a package index (pip config, PIP_INDEX_URL, HTTPS_PROXY), then repeat." >&2
  exit 1
fi
hash_of "$requirements" >"$(stamp_of "$requirements")"
# requirements-dev.txt includes requirements.txt.
hash_of requirements.txt >"$(stamp_of requirements.txt)"
