#!/usr/bin/env bash
# Build the tarball, let the Galaxy importer judge it, install it offline, and ask a module from there to explain itself.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
copy=$("$here/collection-copy.sh" "$PWD/build/package")
out=$PWD/build/package
# The checkout is a collection of the same name; found there, nothing would be tried with what was installed.
unset ANSIBLE_COLLECTIONS_PATH
export ANSIBLE_CONFIG=$out/ansible.cfg ANSIBLE_HOME=$out/home
: >"$ANSIBLE_CONFIG"

ansible-galaxy collection build --force --output-path "$out" "$copy"
tarball=$(echo "$out"/diskominfo-backup-*.tar.gz)
(cd "$out" && python -m galaxy_importer.main "$tarball")

installed=$out/installed
rm -rf "$installed"
export ANSIBLE_COLLECTIONS_PATH=$installed
ansible-galaxy collection install --offline --collections-path "$installed" "$tarball"
ansible-galaxy collection verify --offline diskominfo.backup
for module in "$copy"/plugins/modules/*.py; do
  name=diskominfo.backup.$(basename "$module" .py)
  manual=$(ansible-doc --type module "$name")
  # It names the file it was read from.
  [[ ${manual//[$' \n']/} == *"${installed//[$' \n']/}"* ]]
  echo "$name explains itself"
done
