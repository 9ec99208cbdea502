#!/usr/bin/env bash
# Everything that is checked, in the order of cost; tells the time of each stage and stops at the first that fails.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
cd "$here/.."
stages=(setup lint unit docs package sanity integration faults)
export NO_COLOR=1

times=()
stage() {
  local name=$1 began=$SECONDS status=0
  shift
  echo "== $name"
  "$@" || status=$?
  times+=("$(printf '%-12s %4d s' "$name" $((SECONDS - began)))")
  if ((status)); then
    printf '%s\n' "== times" "${times[@]}"
    echo "== $name failed (status $status). Again, alone: make $name" >&2
    exit 1
  fi
}

install_packages() {
  "$here/packages.sh" tar:tar gzip:gzip zstd:zstd git:git sqlite3:sqlite3 setfacl:acl setfattr:attr faketime:faketime \
    unshare:util-linux ps:procps
}

# The one stage that may ask something: the password of sudo.
stage packages install_packages
stage databases "$here/databases.sh"
for name in "${stages[@]}"; do
  stage "$name" "${MAKE:-make}" --no-print-directory "$name" </dev/null
done
printf '%s\n' "== times" "${times[@]}"
echo "== all passed"
