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
    unshare:util-linux ps:procps setsid:util-linux
  "$here/images.sh" packages
}

# The images of the test servers build beside the stages that leave them a core now and then.
building=
image_log=build/images.log
await_images() {
  local status=0
  wait "$building" || status=$?
  building=
  ((status == 0)) || cat "$image_log"
  return "$status"
}
clean_up() {
  if [[ -n $building ]]; then
    kill -- "-$building" 2>/dev/null || true
    wait "$building" 2>/dev/null || true
  fi
  "$here/images.sh" remove </dev/null || true
}

# The one stage that may ask something: the password of sudo.
stage packages install_packages
stage databases "$here/databases.sh"
mkdir -p build
trap clean_up EXIT
setsid nice "$here/images.sh" build >"$image_log" 2>&1 </dev/null &
building=$!
for name in "${stages[@]}"; do
  stage "$name" "${MAKE:-make}" --no-print-directory "$name" </dev/null
done
stage images await_images
stage molecule "${MAKE:-make}" --no-print-directory molecule </dev/null
printf '%s\n' "== times" "${times[@]}"
echo "== all passed"
