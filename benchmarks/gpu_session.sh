#!/usr/bin/env bash
# GPU tests and all GPU benchmarks on a bare machine with Python 3.12, torch, no network.
# Usage: benchmarks/gpu_session.sh WHEELS_FOLDER   (holds gsplat and what else is missing)
set -euo pipefail
cd "$(dirname "$0")/.."
site="$(mktemp -d)"
python3 -m pip install -q --no-index --no-deps --no-compile --target "$site" "$1"/*.whl
export PYTHONPATH="$site:$PWD:$PWD/backend:$PWD/shared" PYTHONUNBUFFERED=1 OMP_WAIT_POLICY=PASSIVE
python3 -m livescape doctor || true
python3 -m pytest tests/gpu -q -p no:cacheprovider
for name in rasterizer fit scaling; do
    python3 -m "benchmarks.$name"
done
python3 -m benchmarks.pipeline --preset draft
python3 -m benchmarks.pipeline --preset final
