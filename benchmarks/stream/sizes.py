"""Bytes of shots on the wire and on disk, against frames of everything and PLY files.

The draft is made of the demo's photo. The final shot has the numbers of a real one; what it holds
is random, which packs worse than what is real. All is written by the server's and the cache's own
writers.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from livescape.cameras.default_path import default_path
from livescape.cameras.photo_camera import default_intrinsics
from livescape.context import Context
from livescape.deform.basis import MovingField
from livescape.deform.living_scene import LivingScene, scene_chunks
from livescape.imaging.decode import decode_photo
from livescape.imaging.sampling import working_size
from livescape.pipeline import living_scene
from livescape.server.results import ResultWriter, read_chunk
from livescape_shared.cache.writer import CacheWriter
from livescape_shared.gaussians import Gaussians
from livescape_shared.packing import ENCODINGS, PLAIN
from livescape_shared.ply import write_ply
from livescape_shared.request import GenerateRequest
from livescape_shared.scene import SceneMeta
from livescape_shared.settings import preset_settings

PHOTO = Path(__file__).parents[2] / "demo" / "chenonceau_river.jpg"
DRAFT_FRAMES = 48

FINAL = SceneMeta(297_000, 248_650, 120, True, 0.04, 1, 24.0, "linear", deforms=False)
"""A final shot of 248 650 moving rows, with as many still ones as the demo's."""

_PC2_HEADER_BYTES = 32


def size_rows() -> list[dict[str, Any]]:
    """Return a row for every shot and every way to send it."""
    rows = []
    for name, scene in (("draft", _draft()), ("final", _final())):
        wire_before, disk_before = _wire_before(scene), _disk_before(scene)
        disk = _disk(scene)
        rows.append(_row(name, "before", (wire_before, disk_before), (wire_before, disk_before)))
        for encoding in ENCODINGS:
            found = (_wire(scene, encoding), disk)
            rows.append(_row(name, encoding or "plain", found, (wire_before, disk_before)))
    return rows


def _row(shot: str, packed: str, found: tuple[int, int], before: tuple[int, int]) -> dict[str, Any]:
    wire, disk = found
    return {
        "shot": shot,
        "packed": packed,
        "wire_mb": wire / 1e6,
        "wire_share": wire / before[0],
        "disk_mb": disk / 1e6,
        "disk_share": disk / before[1],
    }


def _wire(scene: LivingScene, encoding: str) -> int:
    """Return the bytes of all chunks."""
    return _sent(list(scene_chunks(scene)), encoding)


def _wire_before(scene: LivingScene) -> int:
    """Return the bytes of all chunks if every frame carries means, rotations and scales."""
    frame = scene.moving.frame(1, scene.meta.loop_frames)
    arrays = {"means": frame.means, "quats": frame.quats, "scales": frame.scales}
    head = [chunk for chunk in scene_chunks(scene) if chunk[0] in ("scene", "static", "moving")]
    return _sent(head, PLAIN) + _sent([("frame", 0, {}, arrays)], PLAIN) * _frames(scene)


def _sent(chunks: list[Any], encoding: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        writer = ResultWriter(Path(folder), "job")
        for chunk in chunks:
            writer.add(*chunk)
        return sum(
            len(frame)
            for seq in range(len(chunks))
            for frame in read_chunk(Path(folder), seq, len(chunks), "", encoding)
        )


def _disk(scene: LivingScene) -> int:
    """Return the bytes of the cache."""
    with tempfile.TemporaryDirectory() as folder:
        cache = CacheWriter(Path(folder) / "livescape", "Livescape", {})
        cache.begin(scene.meta)
        cache.static(scene.still)
        cache.moving(scene.moving.all_copies())
        for index in range(_frames(scene)):
            cache.frame(scene.moving.frame(index, scene.meta.loop_frames))
        cache.finish()
        return sum(path.stat().st_size for path in cache.folder.iterdir())


def _disk_before(scene: LivingScene) -> int:
    """Return the bytes of a cache of PLY files and of four control points for every row."""
    moving = scene.moving.all_copies()
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / "static.ply", Path(folder) / "moving.ply"]
        write_ply(files[0], scene.still)
        write_ply(files[1], moving.gaussians)
        at_rest = sum(path.stat().st_size for path in files) + moving.windows.nbytes
    return at_rest + _PC2_HEADER_BYTES + 4 * 12 * len(moving.windows) * _frames(scene)


def _frames(scene: LivingScene) -> int:
    return scene.meta.loop_frames + 1


def _draft() -> LivingScene:
    """Make the shot that the draft preset makes of the demo's photo."""
    settings, data = preset_settings("draft"), PHOTO.read_bytes()
    photo = decode_photo(data)
    width, height = working_size(*photo.size, settings.working_size)
    path = default_path(default_intrinsics(photo, width, height), width, height, DRAFT_FRAMES)
    with tempfile.TemporaryDirectory() as cache:
        context = Context.make(cache_dir=Path(cache))
        return living_scene(context, GenerateRequest(path, settings, data))


def _final() -> LivingScene:
    """Return a shot of the numbers of a real one, in which half of the rows are incoming copies."""
    rng = np.random.default_rng(1)
    count, terms = FINAL.moving // 2, preset_settings("final").deform_terms
    field = MovingField(
        _cloud(count, rng),
        rng.normal(scale=0.3, size=(terms, count, 3)).astype(np.float32),
        np.tile(np.array([-1.0, 1.0], np.float32), (count, 1)),
        rng.uniform(0.1, 0.9, (count, 2)).astype(np.float32),
        FINAL.fade,
        np.zeros(3, np.float32),
    )
    return LivingScene(_cloud(FINAL.static, rng), field, json.dumps(FINAL.to_dict()), "{}")


def _cloud(count: int, rng: np.random.Generator) -> Gaussians:
    """Return Gaussians like those of a scene: places and colours spread, opacities high."""
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
