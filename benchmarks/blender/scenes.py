"""The generated scenes that Blenders are measured on, and what their caches hold."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmarks.blender.processes import ROOT, TIMEOUT_S

from livescape.imaging.decode import decode_photo
from livescape.imaging.sampling import working_size
from livescape_shared.cache.manifest import read_manifest
from livescape_shared.cache.stored import read_moving, read_static
from livescape_shared.conventions import loop_time
from livescape_shared.covariance import quaternions
from livescape_shared.gaussians import GaussianFrame, Gaussians
from livescape_shared.scene import MovingGaussians

LOGGER = logging.getLogger(__name__)

_PC2_HEADER_BYTES = 32
_LONG_SIDE = 480
_FRAMES = 24


@dataclass(frozen=True)
class GeneratedScene:
    """A saved shot with its cache beside it.

    Attributes:
        name: As the table shows it.
        blend: The .blend file.
        cache: The cache folder.
    """

    name: str
    blend: Path
    cache: Path

    def gaussians_at(self, frame: float) -> Gaussians:
        """Return all that is to be seen at a whole scene frame, read without the add-on."""
        manifest = read_manifest(self.cache)
        meta = manifest.scene
        static = read_static(self.cache, manifest).gaussians
        if not meta.moving:
            return static
        moving = read_moving(self.cache, manifest)
        t = loop_time(frame, meta.start_frame, meta.loop_frames, loop=meta.loop)
        index = round(t * meta.loop_frames)
        points = self.cache / "moving.pc2"
        if meta.deforms:
            pose = _read_pose(points, meta.moving, index)
        else:
            pose = _read_means(points, moving, index)
        return Gaussians.concatenate(moving.at(pose, t, meta.fade), static)


def _read_means(path: Path, moving: MovingGaussians, index: int) -> GaussianFrame:
    """Return one frame of a PC2 file of the means of ``moving``."""
    count, at_rest = len(moving.windows), moving.gaussians
    offset = _PC2_HEADER_BYTES + index * count * 12
    means = np.array(np.memmap(path, "<f4", "r", offset=offset, shape=(count, 3)))
    return GaussianFrame(index, means, at_rest.quats, at_rest.scales)


def _read_pose(path: Path, count: int, index: int) -> GaussianFrame:
    """Return one frame of a PC2 file of ``count`` Gaussians' control points."""
    offset = _PC2_HEADER_BYTES + index * count * 48
    points = np.memmap(path, "<f4", "r", offset=offset, shape=(count, 4, 3)).astype(np.float64)
    axes = np.swapaxes(points[:, 1:] - points[:, :1], 1, 2)
    scales = np.linalg.norm(axes, axis=1)
    quats = quaternions(axes / scales[:, None, :])
    arrays = (points[:, 0], quats, scales)
    return GaussianFrame(index, *(array.astype(np.float32) for array in arrays))


def find_scenes(folder: Path, blender: Path, archive: Path) -> list[GeneratedScene]:
    """Return the demo's scene and one made of an annotated photograph of the tests.

    Args:
        folder: Where scenes are made that do not exist yet.
        blender: Python that has bpy, to make them with.
        archive: The extension.
    """
    demo = ROOT / "out" / "demo"
    if not (demo / "scene.blend").is_file():
        demo = folder / "demo"
        _generate(demo, ROOT / "demo" / "chenonceau_river.jpg", blender, archive)
    scenes = [_scene("demo", demo)]
    creek = ROOT / "tests" / "data" / "photos" / "creek_cascade.jpg"
    _generate(folder / "creek", creek, blender, archive)
    return [*scenes, _scene("creek", folder / "creek")]


def _scene(name: str, folder: Path) -> GeneratedScene:
    cache = next((folder / "livescape").glob("*/meta.json")).parent
    return GeneratedScene(name, folder / "scene.blend", cache)


def _generate(out: Path, photo: Path, blender: Path, archive: Path) -> None:
    """Make a small scene through the add-on, unless it is there."""
    if (out / "scene.blend").is_file() and list((out / "livescape").glob("*/meta.json")):
        return
    LOGGER.info("generating %s", photo.name)
    width, height = working_size(*decode_photo(photo.read_bytes()).size, _LONG_SIDE)
    command = [
        blender, ROOT / "scripts" / "demo_blender.py", "--zip", archive, "--photo", photo,
        "--out", out, "--backend-python", sys.executable, "--preset", "draft",
        "--frames", _FRAMES, "--resolution", width, height, "--set", "loop_frames", _FRAMES,
    ]  # fmt: skip
    hints = photo.with_suffix(".json")
    if hints.is_file():
        command += ["--hints", hints]
    environment = dict(os.environ, LIVESCAPE_STATE_DIR=str(out / "state"))
    words = [str(word) for word in command]
    subprocess.run(
        words, env=environment, cwd=ROOT, check=True, capture_output=True, timeout=TIMEOUT_S
    )
