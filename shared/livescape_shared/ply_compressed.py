"""The compressed PLY of SuperSplat: about a quarter of a PLY, an eighth with harmonics.

Gaussians lie in chunks of 256. An element ``chunk`` holds the bounds of positions, log scales and
colours of each; ``vertex`` holds four words per Gaussian, with positions and scales in 11, 10 and
11 bits between these bounds, colours and opacity in 8 bits, and the three smaller components of
the rotation in 10 bits beside the index of the largest, in the order w, x, y, z. ``sh`` holds the
remaining coefficients, one channel after another, in 8 bits from -4 to 4. Layout: that of
github.com/playcanvas/splat-transform (MIT).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livescape_shared.gaussians import Float32Array, Gaussians
from livescape_shared.ply_header import VERTEX, PlyLayout, invalid_ply, map_rows
from livescape_shared.rendering import SH_COEFFICIENTS
from livescape_shared.smallest_three import OTHERS, whole_rotations
from livescape_shared.splats import Splats

CHUNK = "chunk"

_SH = "sh"
_SIZE = 256
_BOUNDS = tuple(
    f"{end}_{prefix}{axis}"
    for prefix, axes in (("", "xyz"), ("scale_", "xyz"), ("", "rgb"))
    for end in ("min", "max")
    for axis in axes
)
_WORDS = ("packed_position", "packed_rotation", "packed_scale", "packed_color")
_FINEST_SCALE, _LARGEST_SCALE = -20.0, 20.0
_SH_RANGE = 8.0
_SQRT_HALF = 0.5**0.5
_CURVE_BITS = 21
_BITS = (11, 10, 11)

Words = NDArray[np.uint32]


def decode_chunks(path: Path, layout: PlyLayout) -> Splats:
    """Return the Gaussians of a compressed PLY.

    Raises:
        LivescapeError: ``ply_invalid``; the sentence says what was found.
        OSError: From the file system.
    """
    vertex, chunk = layout.elements[VERTEX], layout.elements[CHUNK]
    lacking = [name for name in _WORDS if name not in vertex.names]
    lacking += [name for name in _BOUNDS[:12] if name not in chunk.names]
    if lacking:
        raise invalid_ply(path, f"it lacks {', '.join(lacking)}")
    if any(vertex.row[name] != np.dtype("<u4") for name in _WORDS):
        raise invalid_ply(path, "its words are not of 32 bits")
    if chunk.count * _SIZE < vertex.count:
        raise invalid_ply(path, f"it has {chunk.count} chunks for {vertex.count} Gaussians")
    rows, chunks = map_rows(path, vertex), map_rows(path, chunk)
    of = np.arange(vertex.count) // _SIZE
    position, rotation, scale, color = (np.asarray(rows[name]) for name in _WORDS)
    rgba = _unpacked(color, (8, 8, 8, 8))
    colors = rgba[:, :3]
    if set(_BOUNDS[12:]) <= set(chunk.names):
        colors = _between(chunks, of, "", "rgb", colors)
    gaussians = Gaussians(
        means=_between(chunks, of, "", "xyz", _unpacked(position, _BITS)),
        quats=_unpacked_rotations(rotation),
        scales=np.exp(_between(chunks, of, "scale_", "xyz", _unpacked(scale, _BITS))),
        opacities=rgba[:, 3],
        colors=colors,
    )
    return Splats(gaussians, _decoded_harmonics(path, layout))


def _decoded_harmonics(path: Path, layout: PlyLayout) -> Float32Array | None:
    element = layout.elements.get(_SH)
    if element is None:
        return None
    stored = len(element.names) // 3
    kept = max(count for count in SH_COEFFICIENTS if count <= stored)
    wanted = [f"f_rest_{channel * stored + k}" for k in range(kept) for channel in range(3)]
    if element.count != layout.elements[VERTEX].count or not set(wanted) <= set(element.names):
        raise invalid_ply(path, "its harmonics do not fit its Gaussians")
    if not kept:
        return None
    rows = map_rows(path, element)
    values = np.stack([rows[name].astype(np.float32) for name in wanted], axis=1)
    middle = np.where(values == 0.0, 0.0, np.where(values == 255.0, 1.0, (values + 0.5) / 256.0))
    return ((middle - 0.5) * _SH_RANGE).astype(np.float32).reshape(-1, kept, 3)


def _between(
    chunks: NDArray[np.void], of: NDArray[np.intp], prefix: str, axes: str, share: Float32Array
) -> Float32Array:
    """Return values [N, 3] at ``share`` of the way between the bounds of their chunks."""
    ends = [
        np.stack([chunks[f"{end}_{prefix}{axis}"].astype(np.float64) for axis in axes], axis=1)
        for end in ("min", "max")
    ]
    with np.errstate(invalid="ignore", over="ignore"):
        low, high = (end[of] for end in ends)
        return np.asarray(low * (1.0 - share) + high * share, dtype=np.float32)


def _unpacked(words: Words, bits: tuple[int, ...]) -> Float32Array:
    """Return the fields of words, the first in the highest bits, as shares of their largest."""
    shift, fields = sum(bits), []
    for width in bits:
        shift -= width
        most = (1 << width) - 1
        fields.append((words >> np.uint32(shift) & np.uint32(most)) / np.float32(most))
    return np.stack(fields, axis=1).astype(np.float32)


def _unpacked_rotations(words: Words) -> Float32Array:
    small = (_unpacked(words, (2, 10, 10, 10))[:, 1:] - 0.5) / np.float32(_SQRT_HALF)
    largest = (words >> np.uint32(30)).astype(np.intp)
    return whole_rotations(small, largest)


def write_compressed_ply(path: Path, splats: Splats) -> None:
    """Write splats, neighbours in space in the same chunk.

    Raises:
        OSError: From the file system.
    """
    order = _along_curve(splats.gaussians.means)
    gaussians = splats.gaussians[order]
    scales = np.log(np.maximum(gaussians.scales, 1e-12)).clip(_FINEST_SCALE, _LARGEST_SCALE)
    bounds = np.zeros((-(-len(gaussians) // _SIZE), len(_BOUNDS)), dtype="<f4")
    words = np.zeros((len(gaussians), len(_WORDS)), dtype="<u4")
    opacity = gaussians.opacities[:, None]
    shares = []
    for at, values in enumerate((gaussians.means, scales, gaussians.colors)):
        low, high = _chunk_bounds(values)
        bounds[:, 6 * at : 6 * at + 3], bounds[:, 6 * at + 3 : 6 * at + 6] = low, high
        shares.append(_share(values, low, high))
    words[:, 0] = _packed(shares[0], _BITS)
    words[:, 1] = _packed_rotations(gaussians.quats)
    words[:, 2] = _packed(shares[1], _BITS)
    words[:, 3] = _packed(np.concatenate([shares[2], opacity], axis=1), (8, 8, 8, 8))
    rest = 0 if splats.harmonics is None else 3 * splats.harmonics.shape[1]
    with path.open("wb") as stream:
        stream.write(_header(len(bounds), len(words), rest))
        stream.write(bounds.data)
        stream.write(words.data)
        if splats.harmonics is not None:
            channels = splats.harmonics[order].transpose(0, 2, 1).reshape(len(words), rest)
            bytes_ = np.clip((channels / _SH_RANGE + 0.5) * 256.0, 0.0, 255.0).astype(np.uint8)
            stream.write(np.ascontiguousarray(bytes_).data)


def _header(chunks: int, count: int, rest: int) -> bytes:
    lines = ["ply", "format binary_little_endian 1.0", f"element {CHUNK} {chunks}"]
    lines += [f"property float {name}" for name in _BOUNDS]
    lines += [f"element {VERTEX} {count}", *(f"property uint {name}" for name in _WORDS)]
    if rest:
        lines += [f"element {_SH} {count}"]
        lines += [f"property uchar f_rest_{number}" for number in range(rest)]
    return "\n".join([*lines, "end_header\n"]).encode("ascii")


def _along_curve(means: Float32Array) -> NDArray[np.intp]:
    """Return the order along a Morton curve through the Gaussians' bounds.

    As fine as 64 bits allow: a sky kilometres away must not put all that is near into one cell.
    """
    if not len(means):
        return np.zeros(0, dtype=np.intp)
    low = means.min(axis=0)
    extent = np.maximum(means.max(axis=0) - low, 1e-20)
    finest = float((1 << _CURVE_BITS) - 1)
    cells = ((means - low).astype(np.float64) / extent * finest).astype(np.uint64)
    code = np.zeros(len(means), dtype=np.uint64)
    for bit in range(_CURVE_BITS):
        for axis in range(3):
            code |= (cells[:, axis] >> np.uint64(bit) & np.uint64(1)) << np.uint64(3 * bit + axis)
    return np.argsort(code, kind="stable")


def _chunk_bounds(values: Float32Array) -> tuple[Float32Array, Float32Array]:
    starts = np.arange(0, len(values), _SIZE)
    if not len(starts):
        return np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32)
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    return low.astype(np.float32), high.astype(np.float32)


def _share(values: Float32Array, low: Float32Array, high: Float32Array) -> Float32Array:
    of = np.arange(len(values)) // _SIZE
    extent = (high - low)[of].astype(np.float64)
    share = (values - low[of]) / np.where(extent > 0.0, extent, 1.0)
    return np.asarray(np.clip(share, 0.0, 1.0), dtype=np.float32)


def _packed(shares: Float32Array, bits: tuple[int, ...]) -> Words:
    words = np.zeros(len(shares), dtype=np.uint32)
    for at, width in enumerate(bits):
        most = (1 << width) - 1
        field = np.clip(np.rint(shares[:, at].astype(np.float64) * most), 0, most)
        words = words << np.uint32(width) | field.astype(np.uint32)
    return words


def _packed_rotations(quats: Float32Array) -> Words:
    rows = np.arange(len(quats))
    largest = np.argmax(np.abs(quats), axis=1)
    signed = np.where(quats[rows, largest, None] < 0.0, -quats, quats)
    small = signed[rows[:, None], OTHERS[largest]] * np.float32(_SQRT_HALF) + np.float32(0.5)
    chosen: Words = largest.astype(np.uint32) << np.uint32(30)
    return _packed(small, (10, 10, 10)) | chosen
