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

from livescape.imaging.faults import decoding

Floats = NDArray[np.float32]

MODES: Final = {"RGB ": "RGB", "GRAY": "L"}
"""Pillow's mode of pixels by a profile's own colour space."""

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


def read_profile(data: bytes, mode: str) -> Profile | None:
    """Read an embedded profile.

    Args:
        data: The profile.
        mode: ``RGB`` or ``L``: what the pixels are.

    Returns:
        None if it is sRGB's own, or not for pixels of this kind.

    Raises:
        Unreadable: If it is damaged; the picture is readable without.
    """
    with decoding("its colour profile is damaged"):
        opened = ImageCms.ImageCmsProfile(io.BytesIO(data))
        if MODES.get(opened.profile.xcolor_space) != mode:
            return None
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
        srgb = ImageCms.createProfile("sRGB")
        profile = Profile(mode, ImageCms.buildTransform(opened, srgb, mode, "RGB", intent, flags))
        return None if profile.is_srgb() else profile


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
