"""Colour encodings of three primaries and a curve, as PNG, AVIF, HEIC, EXR and HDR name them.

Numbers of primaries and curves are the code points of ITU-T H.273; curves for brightness beyond
white follow ITU-R BT.2100, with BT.2408's 203 cd/m2 as white.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from livescape_shared.rendering import (
    LINEAR_KNEE,
    SRGB_GAMMA,
    SRGB_KNEE,
    SRGB_OFFSET,
    SRGB_SCALE,
    SRGB_SLOPE,
)

Floats = NDArray[np.floating]
Chromaticities = tuple[float, float, float, float, float, float, float, float]
"""x and y of red, green, blue and white."""

_D65: Final = (0.3127, 0.3290)
REC709: Final[Chromaticities] = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, *_D65)
ADOBE_RGB: Final[Chromaticities] = (0.64, 0.33, 0.21, 0.71, 0.15, 0.06, *_D65)
PRIMARIES: Final[dict[int, Chromaticities]] = {
    1: REC709,
    5: (0.64, 0.33, 0.29, 0.60, 0.15, 0.06, *_D65),  # PAL
    6: (0.63, 0.34, 0.31, 0.595, 0.155, 0.07, *_D65),  # NTSC
    7: (0.63, 0.34, 0.31, 0.595, 0.155, 0.07, *_D65),
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, *_D65),  # BT.2020
    11: (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.314, 0.351),  # DCI-P3
    12: (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, *_D65),  # Display P3
}
_LINEAR, _SRGB, _PQ, _HLG = 8, 13, 16, 18
_HDR: Final = (_PQ, _HLG)
_LIKE_SRGB: Final = (1, 6, 13, 14, 15)
"""Curves of cameras' video are shown on displays of sRGB's curve, as viewers do."""
_PQ_PEAK, _PQ_WHITE = 10_000.0, 203.0
BRIGHTEST: Final = np.float32(65_504.0)
"""Light that is far beyond white, and still a number after any matrix: the most of half floats."""
_HLG_WHITE: Final = 0.265
"""Scene light of HLG's reference white, 75 % of its signal."""

_BRADFORD: Final = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


@dataclass(frozen=True)
class Encoding:
    """How RGB values 0..1 stand for light.

    Attributes:
        chromaticities: Of the primaries and white.
        curve: From values to light, 1 being white.
        is_hdr: Whether it tells light beyond white. What others have beyond it is colour that
            sRGB cannot show.
    """

    chromaticities: Chromaticities
    curve: Callable[[Floats], Floats]
    is_hdr: bool = False

    def to_srgb(self, values: Floats) -> Floats:
        """Return display sRGB 0..1 of values [..., 3], or of grey [..., 1].

        What sRGB cannot show is clipped.
        """
        return encode_srgb(self.light(values))

    def light(self, values: Floats) -> Floats:
        """Return linear light of sRGB's primaries of values [..., 3], or of grey [..., 1]."""
        light = self.curve(values)
        if light.shape[-1] == 3:
            light = light @ to_rec709(self.chromaticities).astype(np.float32).T
        return light


def by_code_points(primaries: int, transfer: int) -> Encoding | None:
    """Return the encoding of H.273's code points; None if it is sRGB itself or unknown."""
    chromaticities = PRIMARIES.get(primaries, REC709)
    curve = _CURVES.get(transfer)
    if curve is None and transfer not in _LIKE_SRGB:
        curve = decode_srgb
    if chromaticities == REC709 and (curve is None or curve is decode_srgb):
        return None
    return Encoding(chromaticities, curve or decode_srgb, is_hdr=transfer in _HDR)


def linear(chromaticities: Chromaticities = REC709, exposure: float = 0.0) -> Encoding:
    """Return the encoding of scene-linear light that is brightened by ``exposure`` stops."""
    gain = np.float32(2.0**exposure)

    def curve(values: Floats) -> Floats:
        with np.errstate(over="ignore"):  # an endless sun is white, in all of its channels
            bright = np.nan_to_num(values, nan=0.0) * gain
        return np.asarray(np.clip(bright, -BRIGHTEST, BRIGHTEST))

    return Encoding(chromaticities, curve, is_hdr=True)


def gamma(exponent: float, chromaticities: Chromaticities = REC709) -> Encoding:
    """Return the encoding by a power law."""
    return Encoding(chromaticities, lambda values: np.maximum(values, 0.0) ** exponent)


def decode_srgb(values: Floats) -> Floats:
    """Return the light of sRGB values (IEC 61966-2-1)."""
    curve = ((np.maximum(values, SRGB_KNEE) + SRGB_OFFSET) / SRGB_SCALE) ** SRGB_GAMMA
    return np.where(values <= SRGB_KNEE, values / SRGB_SLOPE, curve).astype(np.float32)


def encode_srgb(light: Floats) -> Floats:
    """Return sRGB values 0..1 of light, clipped (IEC 61966-2-1)."""
    light = np.clip(light, 0.0, 1.0)
    curve = SRGB_SCALE * np.maximum(light, LINEAR_KNEE) ** (1.0 / SRGB_GAMMA) - SRGB_OFFSET
    return np.where(light <= LINEAR_KNEE, light * SRGB_SLOPE, curve).astype(np.float32)


def to_rec709(chromaticities: Chromaticities) -> NDArray[np.float64]:
    """Return the matrix [3, 3] from linear RGB of these primaries to that of sRGB.

    White becomes white (Bradford's adaptation).

    Raises:
        ValueError: If the primaries span no area.
    """
    source = _to_xyz(chromaticities)
    matrix: NDArray[np.float64] = xyz_to_rec709(source.sum(axis=1)) @ source
    if not np.isfinite(matrix).all():
        raise ValueError(f"{chromaticities} are no primaries")
    return matrix


def xyz_to_rec709(white: ArrayLike) -> NDArray[np.float64]:
    """Return the matrix [3, 3] from CIE XYZ under a white [3] to linear RGB of sRGB's primaries."""
    target = _to_xyz(REC709)
    seen = _BRADFORD @ np.asarray(white, dtype=np.float64), _BRADFORD @ target.sum(axis=1)
    adapt = np.linalg.inv(_BRADFORD) @ np.diag(seen[1] / seen[0]) @ _BRADFORD
    matrix: NDArray[np.float64] = np.linalg.inv(target) @ adapt
    return matrix


def _to_xyz(chromaticities: Chromaticities) -> NDArray[np.float64]:
    xy = np.array(chromaticities, dtype=np.float64).reshape(4, 2)
    if (
        not np.isfinite(xy).all()
        or (np.abs(xy[:, 1]) < 1e-5).any()
        or np.ptp(xy[:3], axis=0).min() < 1e-3
    ):
        raise ValueError(f"{chromaticities} are no primaries")
    xyz = np.column_stack([xy[:, 0] / xy[:, 1], np.ones(4), (1.0 - xy.sum(1)) / xy[:, 1]])
    columns = xyz[:3].T
    matrix: NDArray[np.float64] = columns * np.linalg.solve(columns, xyz[3])
    return matrix


def _pq(values: Floats) -> Floats:
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    power = np.maximum(values, 0.0) ** (1.0 / m2)
    light = (np.maximum(power - c1, 0.0) / (c2 - c3 * power)) ** (1.0 / m1)
    return (light * (_PQ_PEAK / _PQ_WHITE)).astype(np.float32)


def _hlg(values: Floats) -> Floats:
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    bright = (np.exp((np.maximum(values, 0.5) - c) / a) + b) / 12.0
    light = np.where(values <= 0.5, values**2 / 3.0, bright)
    return (light / _HLG_WHITE).astype(np.float32)


_CURVES: Final[dict[int, Callable[[Floats], Floats]]] = {
    4: lambda values: np.maximum(values, 0.0) ** 2.2,
    5: lambda values: np.maximum(values, 0.0) ** 2.8,
    _LINEAR: lambda values: values,
    _SRGB: decode_srgb,
    _PQ: _pq,
    _HLG: _hlg,
}
