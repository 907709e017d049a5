"""Bytes of shots on the wire and on disk: as frames of everything, and of what changes alone.

The shots have the numbers of real ones; what they hold is random. Head and one frame are written by
the server's and the cache's own writers, and the size of a frame counts once for each.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from livescape.server.results import ResultWriter, read_chunk
from livescape_shared.cache.writer import CacheWriter
from livescape_shared.gaussians import GaussianFrame, Gaussians
from livescape_shared.packing import ENCODINGS, PLAIN
from livescape_shared.scene import MovingGaussians, SceneMeta

SHOTS = {
    "draft": SceneMeta(47_742, 11_509, 47, False, 0.04, 1, 24.0, "linear"),
    "final": SceneMeta(297_000, 248_650, 120, True, 0.04, 1, 24.0, "linear"),
}
"""The demo's draft; a final shot of 248 650 moving rows, with as many still ones as the demo's."""


def size_rows() -> list[dict[str, Any]]:
    """Return a row for every shot and every way to send it."""
    rows = []
    for name, scene in SHOTS.items():
        before = _sizes(replace(scene, deforms=True), PLAIN)
        for encoding in (None, *ENCODINGS):
            meta = replace(scene, deforms=encoding is None)
            wire, disk = _sizes(meta, encoding or PLAIN)
            rows.append(
                {
                    "shot": name,
                    "frames hold": "all" if meta.deforms else "means",
                    "packed": encoding or "-",
                    "wire_mb": wire / 1e6,
                    "wire_share": wire / before[0],
                    "disk_mb": disk / 1e6,
                    "disk_share": disk / before[1],
                }
            )
    return rows


def _sizes(meta: SceneMeta, encoding: str) -> tuple[int, int]:
    """Return bytes on the wire and on disk of a shot with these numbers."""
    static, moving = _cloud(meta.static), _cloud(meta.moving)
    windows = np.zeros((meta.moving, 2), np.float32)
    step = np.random.default_rng(2).normal(scale=0.3, size=(meta.moving, 3)).astype(np.float32)
    frame = GaussianFrame(0, moving.means + step, moving.quats, moving.scales)
    frames = meta.loop_frames + 1
    with tempfile.TemporaryDirectory() as folder:
        sent = ResultWriter(Path(folder), "job")
        sent.add("scene", 0, meta.to_dict(), {})
        sent.add("static", 0, {}, vars(static))
        sent.add("moving", 0, {}, {**vars(moving), "windows": windows})
        names = ("means", "quats", "scales") if meta.deforms else ("means",)
        sent.add("frame", 0, {}, {name: getattr(frame, name) for name in names})
        chunks = [read_chunk(Path(folder), seq, 4, "", encoding) for seq in range(4)]
        head, one = [sum(map(len, chunk)) for chunk in chunks[:3]], sum(map(len, chunks[3]))
        del chunks
        short = replace(meta, loop_frames=1)
        cache = CacheWriter(Path(folder) / "livescape", "Livescape", {})
        cache.begin(short)
        cache.static(static)
        cache.moving(MovingGaussians(moving, windows))
        cache.frame(frame)
        cache.frame(frame)
        cache.finish()
        disk = {path.name: path.stat().st_size for path in cache.folder.iterdir()}
    points = disk.pop("moving.pc2") // 2 * frames
    return sum(head) + one * frames, sum(disk.values()) + points


def _cloud(count: int) -> Gaussians:
    """Return Gaussians like those of a scene: places and colours spread, opacities high."""
    rng = np.random.default_rng(1)
    quats = rng.normal(size=(count, 4))
    quats /= np.linalg.norm(quats, axis=1, keepdims=True)
    arrays = (
        rng.uniform(-10, 10, (count, 3)),
        quats,
        np.exp(rng.normal(-4, 0.5, (count, 3))),
        rng.uniform(0.3, 1.0, count),
        rng.uniform(size=(count, 3)),
    )
    return Gaussians(*(array.astype(np.float32) for array in arrays))
