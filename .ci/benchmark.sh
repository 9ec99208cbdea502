#!/usr/bin/env bash
# Run the benchmark benchmarks/PART.py, or all of them: benchmark.sh [PART]
set -euo pipefail
parts=(benchmarks/[a-z]*.py)
if [[ -n ${1:-} ]]; then
  parts=("benchmarks/$1.py")
fi
if [[ ! -e ${parts[0]} ]]; then
  echo "There is no ${parts[0]}. There are: $(basename -s .py -a benchmarks/[a-z]*.py | xargs)" >&2
  exit 2
fi
for part in "${parts[@]}"; do
  echo "== $(basename "$part" .py)"
  [[ $part != */peers_*.py && $part != */store.py ]] || .ci/peers.sh
  python "$part"
done
cd benchmarks
python -m measuring.index
