#!/usr/bin/env bash
# Run the benchmark benchmarks/PART.py, those of `source` or `peers`, or all of them: benchmark.sh [PART]
set -euo pipefail
case ${1:-} in
  "") parts=(benchmarks/[a-z]*.py) ;;
  source) parts=(benchmarks/tree.py benchmarks/peers_tree.py) ;;
  peers) parts=(benchmarks/peers_*.py) ;;
  *) parts=("benchmarks/$1.py") ;;
esac
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
