"""Conventions, written once; all other modules refer to them.

World
    Blender's: right-handed, Z up, metres. ``scene.unit_settings.scale_length`` is applied in one
    place, where the add-on reads cameras.

Camera
    OpenCV axes: x right, y down, z forward. ``viewmat`` is the extrinsics, world-to-camera,
    4x4, no scale. ``K`` is the intrinsics in pixels of the stated width x height; pixel centres
    lie at +0.5, so the first pixel covers 0..1. Pixels are square unless K says otherwise.

Photo
    Belongs to the *reference camera*. It covers the camera's frame (its surplus in one direction
    is kept as a margin), so the scene rendered there reproduces the photo pixel on pixel.

Gaussians
    First axis = Gaussian, float32, C order. Quaternions w, x, y, z, unit. Scales are linear
    standard deviations in metres (log in PLY). Opacity 0..1 (logit in PLY). Colours are
    display-referred sRGB 0..1 (SH degree 0 in PLY).

Blending
    ``blend="linear"``: each Gaussian's colour is decoded from sRGB to scene-linear, Gaussians are
    blended there and the image is encoded to sRGB again. Blender's renderers do exactly this.
    ``blend="srgb"``: the sRGB numbers themselves are blended, as classic 3DGS does.

Motion
    2D flow is in pixels per frame *of the stated image size*; an image that is resized has its
    flow values rescaled. 3D motion is in metres per frame.

Time
    A scene has the baked frames 0..``loop_frames``; frame f shows ``t = (f - start) /
    loop_frames``. With a loop, t goes round in [0, 1); without, the scene stands still before
    t = 0 and after t = 1. At t = 0 the deformation is exactly zero.
    Every moving Gaussian has one trajectory X(s), s in [-1, 1], X(0) = its mean, and up to two
    copies on it: the *outgoing* one is at s = t, the *incoming* one at s = t - 1. Each copy is a
    row of its own with a *window*, two loop times: it rises around ``appears`` and falls around
    ``vanishes``, each in a fade of ``fade`` loop time (:func:`window`). A window w turns opacity o
    into 1 - (1 - o)^w. Copies that hand over to one another share the moment, so their windows
    sum to 1 and coincident copies are together exactly as opaque as the original.
    At t = 0 only outgoing copies show, and in a loop at t = 1 only incoming ones: it closes by
    construction.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape_shared.rendering import (
    LINEAR_KNEE,
    SRGB_GAMMA,
    SRGB_KNEE,
    SRGB_OFFSET,
    SRGB_SCALE,
    SRGB_SLOPE,
)

SINCE_EVER = -1.0
"""When a copy appears that is there from the start."""

FOR_EVER = 2.0
"""When a copy vanishes that stays."""


def loop_time(frame: float, start: float, loop_frames: int, *, loop: bool = True) -> float:
    """Return the t that ``frame`` shows: in [0, 1) where it loops, else held within [0, 1]."""
    passed = frame - start
    if loop:
        return float((passed % loop_frames) / loop_frames)
    return float(min(max(passed / loop_frames, 0.0), 1.0))


def window(windows: NDArray[np.float32], t: float, fade: float) -> NDArray[np.float32]:
    """Return how much of each copy is there at loop time ``t``, 0..1.

    Args:
        windows: [N, 2] when it appears and vanishes: the middle of its fade.
        t: Loop time.
        fade: Length of a fade in loop time, above 0.
    """
    appears, vanishes = windows.astype(np.float64).T
    risen = np.clip((t - appears) / fade + 0.5, 0.0, 1.0)
    left = np.clip((vanishes - t) / fade + 0.5, 0.0, 1.0)
    return np.asarray(risen * left, dtype=np.float32)


def windowed_opacity(
    opacities: NDArray[np.float32], window: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return 1 - (1 - o)^w: optical density scaled by the window."""
    return (1.0 - (1.0 - opacities) ** window).astype(np.float32)


def srgb_to_linear(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Decode display sRGB 0..1 to scene-linear (IEC 61966-2-1)."""
    low = values / SRGB_SLOPE
    high = ((np.maximum(values, SRGB_KNEE) + SRGB_OFFSET) / SRGB_SCALE) ** SRGB_GAMMA
    return np.where(values <= SRGB_KNEE, low, high).astype(np.float32)


def linear_to_srgb(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Encode scene-linear to display sRGB (IEC 61966-2-1)."""
    low = values * SRGB_SLOPE
    high = SRGB_SCALE * np.maximum(values, LINEAR_KNEE) ** (1.0 / SRGB_GAMMA) - SRGB_OFFSET
    return np.where(values <= LINEAR_KNEE, low, high).astype(np.float32)
