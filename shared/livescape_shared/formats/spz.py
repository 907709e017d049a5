"""SPZ: Niantic's compact splat file, about a tenth of a PLY.

Per attribute the values of all Gaussians: positions (24-bit fixed point), alphas, colours, log
scales (8 bits each), rotations (the three smallest components in 10 bits, index of the largest),
spherical harmonics. Axes are x right, y up, z back, unless an extension names others. How they are
packed: :mod:`livescape_shared.formats.spz_streams`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.formats.spz_streams import (
    NEWEST,
    Bytes,
    Header,
    invalid_spz,
    read_streams,
    write_streams,
)
from livescape_shared.gaussians import Gaussians
from livescape_shared.rendering import SH_C0, SH_COEFFICIENTS
from livescape_shared.splats import AXES as ALL_AXES
from livescape_shared.splats import ImportedSplats, Splats

AXES = "y_up"

_MOST_FRACTIONAL_BITS = 16
_COLOR_SCALE = 0.15
_MAGNITUDE = 511
_SQRT_HALF = 0.5**0.5

_SYSTEMS = (
    "RUB", "LDB", "RDB", "LUB", "RUB", "LDF", "RDF", "LUF", "RUF",
    "LFD", "RFD", "LFU", "RFU", "LBD", "RBD", "LBU", "RBU",
)  # fmt: skip
"""Where x, y and z point, by the number of a coordinate system; the first where none is named."""

_DIRECTIONS = {
    "R": (1.0, 0.0, 0.0), "L": (-1.0, 0.0, 0.0), "F": (0.0, 1.0, 0.0),
    "B": (0.0, -1.0, 0.0), "U": (0.0, 0.0, 1.0), "D": (0.0, 0.0, -1.0),
}  # fmt: skip
"""In Blender's axes."""


def write_spz(path: Path, splats: Splats, version: int = NEWEST) -> None:
    """Write splats, which must stand in the file's axes, ``AXES``, as version 3 or 4.

    Raises:
        LivescapeError: ``zstandard_missing``.
        OSError: From the file system.
    """
    gaussians = splats.gaussians
    bits = _fractional_bits(gaussians.means)
    rest = np.zeros((0, 3)) if splats.harmonics is None else splats.harmonics
    sections = [
        _pack_positions(gaussians.means, bits),
        _to_bytes(gaussians.opacities * 255.0),
        _to_bytes((gaussians.colors - 0.5) / SH_C0 * (_COLOR_SCALE * 255.0) + 127.5),
        _to_bytes((np.log(np.maximum(gaussians.scales, 1e-12)) + 10.0) * 16.0),
        _pack_rotations(gaussians.quats),
        _to_bytes(rest * 128.0 + 128.0),
    ]
    write_streams(path, Header(version, len(splats), splats.degree, bits), sections)


def read_spz(path: Path) -> ImportedSplats:
    """Read an SPZ file of version 1 to 4; its splats stand in ``AXES``.

    Raises:
        LivescapeError: ``spz_invalid``, which says what was found, or ``zstandard_missing``.
    """
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise invalid_spz(path, error.strerror or "it cannot be opened") from error
    return ImportedSplats.sound(decode_spz(path, packed), axes=AXES)


def decode_spz(path: Path, packed: bytes) -> Splats:
    """Return the splats of an SPZ file's content; ``path`` names it in errors.

    Raises:
        LivescapeError: As :func:`read_spz`.
    """
    header, (positions, alphas, colors, scales, rotations, rest) = read_streams(path, packed)
    count, kept = header.count, SH_COEFFICIENTS[min(header.degree, 3)]
    unpack = _unpack_rotations if header.version >= 3 else _unpack_three
    gaussians = Gaussians(
        means=_unpack_positions(positions, header),
        quats=unpack(rotations),
        scales=np.exp(scales.astype(np.float32) / 16.0 - 10.0),
        opacities=alphas[:, 0].astype(np.float32) / 255.0,
        colors=0.5 + SH_C0 * (colors.astype(np.float32) / 255.0 - 0.5) / _COLOR_SCALE,
    )
    harmonics = None
    if kept:
        shown = rest.reshape(count, -1, 3)[:, :kept] if count else np.zeros((0, kept, 3))
        harmonics = ((shown.astype(np.float32) - 128.0) / 128.0).astype(np.float32)
    return _upright(path, Splats(gaussians, harmonics), header.coordinates)


def _upright(path: Path, splats: Splats, system: int) -> Splats:
    """Return splats that stand in a named coordinate system in those of ``AXES``."""
    if system >= len(_SYSTEMS):
        raise invalid_spz(path, f"it stands in coordinate system {system}, which is not known")
    if _SYSTEMS[system] == "RUB":
        return splats
    matrix = np.eye(4)
    matrix[:3, :3] = ALL_AXES[AXES].T @ np.array([_DIRECTIONS[way] for way in _SYSTEMS[system]]).T
    return splats.transformed(matrix)


def _to_bytes(values: NDArray[np.floating[Any]]) -> Bytes:
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)


def _fractional_bits(means: NDArray[np.float32]) -> int:
    """Return the finest fixed point in which the farthest coordinate still fits 24 bits."""
    farthest = float(np.abs(means).max(initial=1.0))
    return int(np.clip(np.floor(np.log2((2**23 - 1) / farthest)), 0, _MOST_FRACTIONAL_BITS))


def _pack_positions(means: NDArray[np.float32], bits: int) -> Bytes:
    fixed = np.rint(means.astype(np.float64) * 2.0**bits)
    whole = np.clip(fixed, -(2**23), 2**23 - 1).astype("<i4")
    return np.ascontiguousarray(whole).view(np.uint8).reshape(-1, 3, 4)[:, :, :3]


def _unpack_positions(packed: Bytes, header: Header) -> NDArray[np.float32]:
    """Put the three bytes of each number above an empty one; the shift back keeps the sign."""
    if header.version == 1:
        return np.ascontiguousarray(packed).view("<f2").astype(np.float32)
    padded = np.zeros((len(packed), 3, 4), dtype=np.uint8)
    padded[:, :, 1:] = packed.reshape(-1, 3, 3)
    whole = padded.view("<i4")[:, :, 0] >> 8
    return (whole / 2.0**header.bits).astype(np.float32)


def _pack_rotations(quats: NDArray[np.float32]) -> Bytes:
    xyzw = np.roll(quats, -1, axis=1).astype(np.float64)
    largest = np.argmax(np.abs(xyzw), axis=1)
    rows = np.arange(len(xyzw))
    xyzw = np.where(xyzw[rows, largest, None] < 0.0, -xyzw, xyzw)
    magnitudes = np.clip(np.rint(np.abs(xyzw) / _SQRT_HALF * _MAGNITUDE), 0, _MAGNITUDE)
    fields = magnitudes.astype(np.uint32) | ((xyzw < 0.0).astype(np.uint32) << 9)
    packed = np.zeros(len(xyzw), dtype="<u4")
    for axis in range(4):
        packed = np.where(largest == axis, packed, (packed << 10) | fields[:, axis])
    packed |= largest.astype("<u4") << 30
    return np.ascontiguousarray(packed, dtype="<u4").view(np.uint8).reshape(-1, 4)


def _unpack_rotations(packed: Bytes) -> NDArray[np.float32]:
    rest = np.ascontiguousarray(packed).view("<u4")[:, 0].copy()
    largest = rest >> 30
    xyzw = np.zeros((len(packed), 4))
    for axis in (3, 2, 1, 0):
        stored = largest != axis
        size = (rest & _MAGNITUDE) / _MAGNITUDE * _SQRT_HALF
        xyzw[:, axis] = np.where(stored, np.where(rest >> 9 & 1, -size, size), 0.0)
        rest = np.where(stored, rest >> 10, rest)
    hidden = np.sqrt(np.maximum(1.0 - np.sum(xyzw * xyzw, axis=1), 0.0))
    xyzw[np.arange(len(xyzw)), largest] = hidden
    return np.roll(xyzw, 1, axis=1).astype(np.float32)


def _unpack_three(packed: Bytes) -> NDArray[np.float32]:
    """Return quaternions of version 2, which stores x, y, z with w >= 0."""
    xyz = packed.astype(np.float32) / 127.5 - 1.0
    w = np.sqrt(np.maximum(1.0 - np.sum(xyz * xyz, axis=1, keepdims=True), 0.0))
    quats = np.concatenate([w, xyz], axis=1)
    return np.asarray(quats / np.linalg.norm(quats, axis=1, keepdims=True), dtype=np.float32)
