"""Builds a shot in which every one of many synthetic Gaussians moves, through the extension.

With ``deforms``, all control points are played, as where rotations and scales change; else means.
"""

from __future__ import annotations

from pathlib import Path

import bpy
import common
import numpy as np

given = common.arguments()
count, frames = given["count"], given["frames"]
folder = Path(given["shot"])
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.preferences.addon_enable(module=common.MODULE)
scene = bpy.context.scene
folder.mkdir(parents=True, exist_ok=True)
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "scene.blend"))

# the extension, once enabled, brings this package along
from livescape_shared.cache.writer import CacheWriter  # noqa: E402
from livescape_shared.conventions import FOR_EVER, SINCE_EVER  # noqa: E402
from livescape_shared.gaussians import GaussianFrame, Gaussians  # noqa: E402
from livescape_shared.scene import MovingGaussians, SceneMeta  # noqa: E402


def fill_view(half: int) -> Gaussians:
    """Return Gaussians that fill the view of a camera along +y some 20 times over."""
    rng = np.random.default_rng(3)
    y = rng.uniform(1.0, 10.0, half)
    x, z = rng.uniform(-0.55, 0.55, half) * y, rng.uniform(-0.31, 0.31, half) * y
    size = 1.0 / 600.0 * (1e5 / half) ** 0.5
    scales = np.exp(rng.normal(scale=0.5, size=(half, 3))) * size * y[:, None]
    quats = rng.normal(size=(half, 4))
    quats /= np.linalg.norm(quats, axis=1, keepdims=True)
    opacities = 1.0 / (1.0 + np.exp(-1.0 - 1.5 * rng.normal(size=half)))
    arrays = (np.stack([x, y, z], 1), quats, scales, opacities, rng.uniform(size=(half, 3)))
    return Gaussians(*(array.astype(np.float32) for array in arrays))


def write_cache(at_rest: Gaussians) -> None:
    """Stream the loop, in which each Gaussian drifts along x, as the backend would."""
    both = Gaussians.concatenate(at_rest, at_rest)
    is_late = np.repeat(np.array([False, True]), len(at_rest))
    windows = np.where(is_late[:, None], (0.5, FOR_EVER), (SINCE_EVER, 0.5)).astype(np.float32)
    root = common.addon("cache.cache_folder").caches_folder()
    writer = CacheWriter(root, "Livescape", {})
    writer.begin(SceneMeta(0, len(both), frames, True, 0.1, 1, 24.0, "linear", given["deforms"]))
    writer.static(Gaussians.empty())
    writer.moving(MovingGaussians(both, windows))
    for index in range(frames + 1):
        shift = np.array([0.3, 0.0, 0.0], np.float32) * (index / frames - is_late)[:, None]
        writer.frame(GaussianFrame(index, both.means + shift, both.quats, both.scales))
    writer.finish()


def add_camera() -> None:
    """Add the camera for which the view is filled."""
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.lens, camera.rotation_euler = 33.0, (np.pi / 2, 0.0, 0.0)
    scene.collection.objects.link(camera)
    scene.camera = camera


write_cache(fill_view(count // 2))
scene.frame_start, scene.frame_end = 1, frames
scene.render.resolution_x, scene.render.resolution_y = given["size"]
add_camera()
common.addon("generate.place").restore_object(scene, "Livescape")
bpy.ops.wm.save_mainfile()
common.leave({})
