"""A living scene and its camera path in few bytes, for the page's player.

The header is JSON; the arrays follow one another, little-endian, each at a multiple of four bytes.
``player.js`` reads exactly this.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livescape.deform.living_scene import LivingScene
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians

VERSION: Final = 1

_STEPS: Final = 32_767
"""Steps of a displacement's largest coordinate: a millimetre in 30 metres."""

_FAINTEST: Final = 1.0 / 255.0


def payload(scene: LivingScene, cameras: Sequence[Camera]) -> bytes:
    """Return all that a page plays.

    What moves is stored as its mean at t = 0 and its displacement at every baked frame, in 16 bits;
    rotations and scales of every frame only where they change.

    Args:
        scene: The scene.
        cameras: One of each frame, the first at the scene's start frame.
    """
    meta = scene.meta
    still = _visible(scene.still)
    moving = scene.moving.all_copies()
    arrays: dict[str, NDArray[Any]] = {
        **_arrays("still", still),
        **_arrays("moving", moving.gaussians),
        "windows": moving.windows.astype(np.float32),
        "cameras": np.stack([_camera(camera) for camera in cameras]),
    }
    header = {
        "version": VERSION,
        "still": len(still),
        "moving": len(moving.gaussians),
        "fps": meta.fps,
        "loop_frames": meta.loop_frames,
        "loop": meta.loop,
        "fade": meta.fade,
        "blend": meta.blend,
        "deforms": meta.deforms,
        "size": [cameras[0].width, cameras[0].height],
    }
    if len(moving.gaussians):
        displacements, header["step"] = _displacements(scene, moving.gaussians.means)
        arrays["displacements"] = displacements
        if meta.deforms:
            arrays |= _poses(scene)
    return _packed(header, arrays)


def _visible(gaussians: Gaussians) -> Gaussians:
    return gaussians[np.flatnonzero(gaussians.opacities >= _FAINTEST)]


def _arrays(prefix: str, gaussians: Gaussians) -> dict[str, NDArray[Any]]:
    return {
        f"{prefix}_means": gaussians.means.astype(np.float32),
        f"{prefix}_scales": gaussians.scales.astype(np.float32),
        f"{prefix}_quats": np.rint(_unit(gaussians.quats) * _STEPS).astype(np.int16),
        f"{prefix}_colors": _shares(gaussians.colors),
        f"{prefix}_opacities": _shares(gaussians.opacities),
    }


def _unit(quats: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(quats / np.linalg.norm(quats, axis=-1, keepdims=True), dtype=np.float32)


def _shares(values: NDArray[np.float32]) -> NDArray[np.uint16]:
    shares: NDArray[np.uint16] = np.rint(np.clip(values, 0.0, 1.0) * 65_535.0).astype(np.uint16)
    return shares


def _displacements(
    scene: LivingScene, base: NDArray[np.float32]
) -> tuple[NDArray[np.int16], float]:
    """Return steps [F, M, 3] of every baked frame from ``base``, and the length of one."""
    count = scene.meta.loop_frames
    frames = range(count + 1)
    far = max(float(np.abs(scene.moving.frame(i, count).means - base).max()) for i in frames)
    step = max(far, 1e-6) / _STEPS
    moved = [scene.moving.frame(i, count).means - base for i in frames]
    return np.stack([np.rint(each / step).astype(np.int16) for each in moved]), step


def _poses(scene: LivingScene) -> dict[str, NDArray[Any]]:
    count = scene.meta.loop_frames
    frames = [scene.moving.frame(index, count) for index in range(count + 1)]
    quats = [np.rint(_unit(frame.quats) * _STEPS).astype(np.int16) for frame in frames]
    scales = [frame.scales.astype(np.float32) for frame in frames]
    return {
        "frame_quats": np.stack(quats),
        "frame_scales": np.stack(scales),
    }


def _camera(camera: Camera) -> NDArray[np.float32]:
    """Return [20]: fx, fy, cx, cy in shares of the frame's size, then the viewmat's rows."""
    K = camera.K
    lens = [
        K[0, 0] / camera.width,
        K[1, 1] / camera.height,
        K[0, 2] / camera.width,
        K[1, 2] / camera.height,
    ]
    return np.array([*lens, *np.ravel(camera.viewmat)], dtype=np.float32)


def _packed(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> bytes:
    parts, at = [], 0
    header["arrays"] = {}
    for name, values in arrays.items():
        data = np.ascontiguousarray(values).tobytes()
        header["arrays"][name] = [str(values.dtype), at, values.size]
        parts.append(data + bytes(-len(data) % 4))
        at += len(parts[-1])
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    return len(text).to_bytes(4, "little") + text + b"".join(parts)
