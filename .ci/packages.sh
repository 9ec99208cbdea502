#!/usr/bin/env bash
# See that every command is here, and install the packages of those that are not: packages.sh COMMAND:PACKAGE...
#
# What cannot be installed is named, and the status is 1: a test that lacks its tool must not pass by being left out.
set -euo pipefail

find_missing() {
  local pair
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null || echo "$pair"
  done
}

mapfile -t missing < <(find_missing "$@")
((${#missing[@]})) || exit 0
packages=("${missing[@]##*:}")

as_root=()
if ((EUID)); then
  # Without a terminal nobody could type the password.
  if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
    as_root=(sudo)
  else
    echo "Missing commands: ${missing[*]%%:*}; neither root nor sudo is at hand to install them." >&2
    echo "Remedy: as root, apt-get install ${packages[*]}" >&2
    exit 1
  fi
fi

echo "Installing ${packages[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${packages[@]}"
}
if ! { install || { "${as_root[@]}" apt-get update && install; }; } >"$log" 2>&1; then
  tail -n 15 "$log" >&2
fi
mapfile -t missing < <(find_missing "${missing[@]}")
if ((${#missing[@]})); then
  echo "Could not install: ${missing[*]##*:} (needed for: ${missing[*]%%:*})." >&2
  echo "Remedy: install them by the means of this system, then repeat." >&2
  exit 1
fi
