"""What the PLYs of different trainers say otherwise than the first release of 3DGS did.

* nerfstudio may write ``red green blue`` instead of ``f_dc_*``, and a comment ``Vertical Axis: z``.
* Mip-Splatting adds ``filter_3D``, by which a Gaussian is widened and paled before it is shown.
* 2DGS writes two scales: its surfels have no thickness.
* A comment or SHARP's element may name the colour space in which Gaussians are blended.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from livescape_shared.gaussians import Float32Array
from livescape_shared.ply_header import PlyElement, PlyLayout
from livescape_shared.rendering import SH_C0

POSITION = ("x", "y", "z")
COLOR = ("f_dc_0", "f_dc_1", "f_dc_2")
SCALE = ("scale_0", "scale_1", "scale_2")
ROTATION = ("rot_0", "rot_1", "rot_2", "rot_3")
OPACITY = "opacity"

_RGB = ("red", "green", "blue")
_FILTER = "filter_3D"

_SHARP = "color_space"
"""Element that identifies SHARP's files; their colours are sRGB, made for linear blending."""

_UP = {"z": "z_up", "y": "y_up", "-y": "y_down"}
_VERTICAL = re.compile(r"\b(?:vertical|up)[ _-]?axis\s*[:=]?\s*([+-]?)([xyz])\b", re.IGNORECASE)
_COLOR_SPACE = re.compile(r"\bcolou?r[ _-]?space\s*[:=]?\s*(\S+)", re.IGNORECASE)

_THICKNESS = 1e-3
"""Of a surfel, relative to its shorter side: no pixel shows it, and covariances stay definite."""


def stated_axes(layout: PlyLayout) -> str | None:
    """Return the axes that a comment states, a key of ``AXES``."""
    found = [_VERTICAL.search(comment) for comment in layout.comments]
    ways = [match[1].replace("+", "") + match[2].lower() for match in found if match]
    return _UP.get(ways[0]) if ways else None


def colors_are_linear(layout: PlyLayout) -> bool:
    """Return whether a comment says that the colours themselves are linear."""
    found = [_COLOR_SPACE.search(comment) for comment in layout.comments]
    return any(match and match[1].lower().startswith("lin") for match in found)


def blends_linearly(layout: PlyLayout) -> bool:
    """Return whether the file was made for blending in linear light."""
    return _SHARP in layout.names or colors_are_linear(layout)


def missing(vertex: PlyElement) -> list[str]:
    """Return the properties that no dialect can do without and that are not there."""
    colors = () if set(_RGB) <= set(vertex.names) else COLOR
    needed = (*POSITION, *colors, OPACITY, *SCALE[:2], *ROTATION)
    return [name for name in needed if name not in vertex.names]


def columns(rows: NDArray[np.void], *names: str) -> Float32Array:
    """Return properties [N, len(names)] in single precision."""
    return np.stack([rows[name].astype(np.float32) for name in names], axis=1)


def colors(rows: NDArray[np.void], names: tuple[str, ...]) -> Float32Array:
    """Return colours [N, 3] from the coefficients of degree 0, or from red, green and blue."""
    if set(COLOR) <= set(names):
        return np.asarray(0.5 + SH_C0 * columns(rows, *COLOR), dtype=np.float32)
    kind = rows.dtype[_RGB[0]]
    whole = np.iinfo(kind).max if kind.kind in "iu" else 1.0
    return np.asarray(columns(rows, *_RGB) / np.float32(whole), dtype=np.float32)


def scales_and_opacities(
    rows: NDArray[np.void], names: tuple[str, ...]
) -> tuple[Float32Array, Float32Array]:
    """Return scales [N, 3] and opacities [N] as a renderer shows them."""
    scales = np.exp(columns(rows, *(name for name in SCALE if name in names)))
    if scales.shape[1] == 2:
        scales = np.concatenate([scales, _THICKNESS * scales.min(axis=1, keepdims=True)], axis=1)
    opacities = 1.0 / (1.0 + np.exp(-columns(rows, OPACITY)[:, 0]))
    if _FILTER in names:
        widened = np.sqrt(scales**2 + columns(rows, _FILTER) ** 2)
        opacities = opacities * np.prod(scales / widened, axis=1)
        scales = widened
    return scales.astype(np.float32), opacities.astype(np.float32)
