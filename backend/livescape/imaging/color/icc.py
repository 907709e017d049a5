"""Embedded ICC profiles, by LittleCMS through Pillow."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from livescape.imaging.color.encodings import Chromaticities
from livescape.imaging.faults import decoding

Floats = NDArray[np.float32]

MODES: Final = {"RGB ": "RGB", "GRAY": "L"}
"""Pillow's mode of pixels by a profile's own colour space."""

_COLORANTS: Final = (b"rXYZ", b"gXYZ", b"bXYZ")
_CURVES: Final = (b"rTRC", b"gTRC", b"bTRC", b"kTRC")
_MOST_TAGS: Final = 256
_STRAIGHT: Final = 1e-3

_STEPS: Final = 40
_SAME: Final = 1.5 / 255.0
"""Largest difference of what is sRGB but for rounding."""


@dataclass(frozen=True)
class Profile:
    """The conversion to sRGB that an ICC profile asks for.

    Attributes:
        mode: Pillow's name for the pixels it is for: ``RGB`` or ``L``.
        convert: Of pixels of 8 bits.
    """

    mode: str
    convert: ImageCms.ImageCmsTransform

    def to_srgb(self, pixels: NDArray[Any]) -> Floats:
        """Return display sRGB [..., 3] 0..1 of pixels [..., C] of 8 bits, or of floats 0..1.

        LittleCMS is offered 8 bits only by Pillow: finer ones are looked up between a table's
        nodes.
        """
        if pixels.dtype == np.uint8:
            return self._converted(pixels)
        if self.mode == "L":
            return _looked_up(pixels, _codes(), self._converted(_codes().astype(np.uint8)[:, None]))
        return _looked_up(pixels, _nodes(), self._table)

    def is_srgb(self) -> bool:
        """Whether this changes nothing but roundings."""
        return self.mode == "RGB" and bool(np.abs(self._table - _grid() / 255.0).max() <= _SAME)

    @cached_property
    def _table(self) -> Floats:
        return self._converted(_grid())

    def _converted(self, pixels: NDArray[np.uint8]) -> Floats:
        flat = np.ascontiguousarray(pixels).reshape(-1, pixels.shape[-1])
        row = Image.frombytes(self.mode, (len(flat), 1), flat.tobytes())
        converted = np.asarray(ImageCms.applyTransform(row, self.convert), dtype=np.float32)
        return (converted / np.float32(255.0)).reshape(*pixels.shape[:-1], 3)


def read_profile(data: bytes) -> Profile | None:
    """Read an embedded profile; None if it is neither of RGB nor of grey.

    Raises:
        Unreadable: If it is damaged; the picture is readable without.
    """
    with decoding("its colour profile is damaged"):
        opened = ImageCms.ImageCmsProfile(io.BytesIO(data))
        mode = MODES.get(opened.profile.xcolor_space)
        if mode is None:
            return None
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
        srgb = ImageCms.createProfile("sRGB")
        return Profile(mode, ImageCms.buildTransform(opened, srgb, mode, "RGB", intent, flags))


def is_linear(data: bytes) -> bool:
    """Return whether a profile says that its numbers are proportional to light."""
    tags = _tags(data)
    curves = [tags[name] for name in _CURVES if name in tags]
    return bool(curves) and all(map(_is_straight, curves))


def primaries(data: bytes) -> Chromaticities | None:
    """Return x and y of the primaries and white of a profile of RGB that names them."""
    tags = _tags(data)
    if not all(name in tags and tags[name].startswith(b"XYZ ") for name in _COLORANTS):
        return None
    xyz = np.array([np.frombuffer(tags[name][8:20], ">i4") for name in _COLORANTS], float) / 65536.0
    xyz = np.vstack([xyz, xyz.sum(axis=0)])
    sums = xyz.sum(axis=1, keepdims=True)
    return (*(xyz[:, :2] / sums).ravel().tolist(),) if (sums > 0).all() else None


def _tags(data: bytes) -> dict[bytes, bytes]:
    """Return the tags of a profile (ICC.1, 7.3)."""
    count = min(int.from_bytes(data[128:132]), _MOST_TAGS)
    found = {}
    for entry in range(132, 132 + 12 * count, 12):
        at, length = (int.from_bytes(data[entry + start : entry + start + 4]) for start in (4, 8))
        found[data[entry : entry + 4]] = data[at : at + length]
    return found


def _is_straight(curve: bytes) -> bool:
    """Return whether a curve of a profile (ICC.1, 10.6 and 10.18) changes nothing."""
    count = int.from_bytes(curve[8:12])
    if curve.startswith(b"para"):  # the power alone, or one whose power is 1 in its other kinds
        return curve[8:10] == b"\0\0" and curve[12:16] == (1 << 16).to_bytes(4)
    if not curve.startswith(b"curv"):
        return False
    if count < 2:
        return count == 0 or curve[12:14] == (1 << 8).to_bytes(2)
    table = np.frombuffer(curve[12 : 12 + 2 * count], ">u2") / 65535.0
    straight = np.linspace(0.0, 1.0, len(table))
    return len(table) == count and bool(np.abs(table - straight).max() < _STRAIGHT)


def _codes() -> Floats:
    return np.arange(256, dtype=np.float32)


def _nodes() -> Floats:
    """Return the codes 0..255 at which a profile is sampled: every one where it is dark.

    There, a profile of linear light is steep in terms of sRGB.
    """
    spaced = np.linspace(0.0, 1.0, _STEPS, dtype=np.float32) ** 2 * 255.0
    return np.unique(np.rint(spaced)).astype(np.float32)


def _grid() -> NDArray[np.uint8]:
    axes = np.meshgrid(*[_nodes()] * 3, indexing="ij")
    return np.stack(axes, axis=-1).astype(np.uint8)


def _looked_up(values: Floats, nodes: Floats, table: Floats) -> Floats:
    """Interpolate ``table`` [N, ..., 3] at ``values`` [..., C] 0..1, C being its dimensions."""
    places = np.interp(values * 255.0, nodes, np.arange(len(nodes))).astype(np.float32)
    below = np.minimum(places.astype(np.intp), len(nodes) - 2)
    above = places - below
    result = np.zeros((*values.shape[:-1], 3), np.float32)
    for corner in product((0, 1), repeat=values.shape[-1]):
        weight = np.prod(np.where(corner, above, 1.0 - above), axis=-1, keepdims=True)
        result += weight * table[tuple(np.moveaxis(below + corner, -1, 0))]
    return result
