"""How far splats that came through another program's file are from what they were."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from livescape_shared.conventions import srgb_to_linear
from livescape_shared.gaussians import Float32Array, rotation_matrices
from livescape_shared.rendering import ALPHA_MIN
from livescape_shared.splats import Splats

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
_WHITE = _TO_XYZ.sum(axis=1)
_LONG = 2.0
"""Ratio of the longest to the next axis from which on a Gaussian has a direction."""


@dataclass(frozen=True)
class Figures:
    """The worst Gaussian of a file, by quantity.

    Attributes:
        count: Gaussians that were found.
        lost: Gaussians of the original that no found one is nearest to.
        position: Metres.
        delta_e: CIE 1976, of those that can be seen at all.
        opacity: 0..1.
        size: Longest axis, relative.
        rotation: Degrees between longest axes, where there is one.
        harmonics: Largest difference of a coefficient; the median for files with a palette.
    """

    count: int
    lost: int
    position: float
    delta_e: float
    opacity: float
    size: float
    rotation: float
    harmonics: float

    def as_dict(self) -> dict[str, float]:
        """Return the figures with four digits."""
        return {name: float(f"{value:.4g}") for name, value in asdict(self).items()}


def compared(found: Splats, wanted: Splats, *, palette: bool = False) -> Figures:
    """Compare with what was given to the writer, each Gaussian with the nearest one."""
    distances, order = cKDTree(wanted.gaussians.means).query(found.gaussians.means)
    there, true = found.gaussians, wanted.gaussians[order]
    seen = (there.opacities >= ALPHA_MIN) & (true.opacities >= ALPHA_MIN)
    colors = np.linalg.norm(lab(there.colors) - lab(true.colors), axis=1)[seen]
    longest, sizes = _longest(there.quats, there.scales)
    wanted_longest, wanted_sizes = _longest(true.quats, true.scales)
    ranked = np.sort(true.scales, axis=1)
    has_one = ranked[:, 2] > _LONG * ranked[:, 1]
    cosines = np.abs(np.sum(longest * wanted_longest, axis=1))[has_one].clip(0.0, 1.0)
    rest = 0.0
    if found.harmonics is not None and wanted.harmonics is not None:
        kept = min(found.harmonics.shape[1], wanted.harmonics.shape[1])
        off = np.abs(found.harmonics[:, :kept] - wanted.harmonics[order][:, :kept])
        rest = float(np.median(off) if palette else off.max())
    return Figures(
        count=len(found),
        lost=len(wanted) - len(set(order.tolist())),
        position=float(distances.max(initial=0.0)),
        delta_e=float(colors.max(initial=0.0)),
        opacity=float(np.abs(there.opacities - true.opacities).max(initial=0.0)),
        size=float(np.abs(sizes / wanted_sizes - 1.0).max(initial=0.0)),
        rotation=float(np.degrees(np.arccos(cosines)).max(initial=0.0)),
        harmonics=rest,
    )


def _longest(quats: Float32Array, scales: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Return direction [N, 3] and length [N] of the longest axes."""
    rows, axis = np.arange(len(scales)), scales.argmax(axis=1)
    return rotation_matrices(quats)[rows, :, axis], scales[rows, axis]


def lab(colors: Float32Array) -> NDArray[np.float64]:
    """Return CIE 1976 L*a*b* [N, 3] of display sRGB."""
    xyz = srgb_to_linear(colors.clip(0.0, 1.0)).astype(np.float64) @ _TO_XYZ.T / _WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack(
        [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1
    )
