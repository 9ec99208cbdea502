#!/usr/bin/env bash
# Everything that is checked, what costs little first; tells the time of each stage and begins none after one that failed.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
cd "$here/.."
stages=(setup lint unit)
# Neither lane fills two cores; they take about as long as each other, and share nothing that they write.
lanes=(integration "docs package sanity faults")
export NO_COLOR=1

times=()
stage() {
  local name=$1 began=$SECONDS status=0
  shift
  echo "== $name"
  "$@" || status=$?
  times+=("$(printf '%-12s %4d s' "$name" $((SECONDS - began)))")
  ((status == 0)) || fail "$name" "$status"
}
fail() {
  printf '%s\n' "== times" "${times[@]}"
  echo "== $1 failed (status $2). Again, alone: make $1" >&2
  exit 1
}
beside() {
  local status=0
  echo "== ${lanes[0]} beside ${lanes[1]}"
  "$here/lanes.sh" build/lanes "${lanes[@]}" -- "${MAKE:-make}" --no-print-directory </dev/null || status=$?
  mapfile -t -O "${#times[@]}" times <build/lanes/times
  ((status == 0)) || fail "$(paste -sd ' ' build/lanes/failed 2>/dev/null)" "$status"
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
beside
stage images await_images
stage molecule "${MAKE:-make}" --no-print-directory molecule </dev/null
printf '%s\n' "== times" "${times[@]}"
echo "== all passed"
