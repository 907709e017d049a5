"""Makes the files of ``tests/data/splats``: ``python -m benchmarks.inputs.samples``.

The Gaussians are random ones of the tests; other programs only write them down.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.inputs import programs
from tests.shared.splat_samples import exchanged

from livescape_shared.ply import write_ply

OUT = programs.ROOT / "tests" / "data" / "splats"


def main() -> None:
    """Write every file."""
    programs.install()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.ply"
        splats = exchanged().in_axes("y_down")
        write_ply(source, splats.gaussians, splats.harmonics)
        for name in ("transform.spz", "transform.compressed.ply", "transform.sog", "transform.glb"):
            programs.splat_transform(source, OUT / name)
        programs.splat_transform(source, OUT / "transform_v3.spz", "--spz-version", "3")
        for level in range(3):
            programs.ksplat(source, OUT / f"splats3d_{level}.ksplat", level, 2)


if __name__ == "__main__":
    main()
