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
    t in [0, 1) is one loop of ``loop_frames``; frame f shows
    ``t = ((f - start) mod loop_frames) / loop_frames``. At t = 0 the deformation is exactly zero.
    Every moving Gaussian has two copies on one trajectory X(s), s in [-1, 1], X(0) = its mean:
    the *outgoing* copy is at s = t with window 1 - t, the *incoming* copy at s = t - 1 with
    window t. A window w turns opacity o into 1 - (1 - o)^w, so that coincident copies together
    are exactly as opaque as the original, and the loop closes by construction. Because a mix of
    two copies has less contrast than either, a moving Gaussian also has a *middle colour*: it shows
    its colour at t = 0, the middle colour at t = 1/2, and in between a scene-linear mix of the two
    by :func:`middle_share`. Only ``deform="drift"``, the published form, has *unpaired*
    copies and a loop that jumps.
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

OUTGOING = 0
"""Copy index of a moving Gaussian whose window is 1 - t."""

INCOMING = 1
"""Copy index of a moving Gaussian whose window is t."""

UNPAIRED = 2
"""Copy index of a moving Gaussian that has no second copy: at s = t, its window is always 1."""


def loop_time(frame: float, start: float, loop_frames: int) -> float:
    """Return t in [0, 1) that ``frame`` shows."""
    return float(((frame - start) % loop_frames) / loop_frames)


def middle_share(t: float) -> float:
    """Return how much of its middle colour a paired Gaussian shows at loop time ``t``.

    It rises and falls steeply: even a faint second copy of an opaque surface covers much of it.
    """
    return 1.0 - (1.0 - 2.0 * t) ** 4


def copy_window(copies: NDArray[np.uint8], t: float) -> NDArray[np.float32]:
    """Return the opacity window [N] of each copy index in ``copies`` [N] at loop time ``t``."""
    windows = np.array([1.0 - t, t, 1.0], dtype=np.float32)
    return windows[copies]


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
