#!/usr/bin/env bash
# Copy the collection to DEST/ansible_collections/diskominfo/backup and print that path: collection-copy.sh DEST
#
# ansible-test takes the name of a collection from its folder and refuses a link. Only what git tracks, or would track,
# is copied: what a fresh clone holds has to suffice.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
copy=${1:?usage: collection-copy.sh DEST}/ansible_collections/diskominfo/backup
rm -rf "$copy"
mkdir -p "$copy"
# A tracked file that was just deleted is still listed.
git ls-files -z --cached --others --exclude-standard -- . ':!collections' |
  while IFS= read -r -d '' file; do
    if [[ -e $file || -L $file ]]; then printf '%s\0' "$file"; fi
  done |
  xargs -0 cp -a --parents -t "$copy"
# A repository of its own: inside this one the copy is an ignored folder, and ansible-test would skip every target.
git -C "$copy" init --quiet
echo "$copy"
