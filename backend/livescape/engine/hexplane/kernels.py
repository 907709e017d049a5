"""Kernels of :mod:`livescape.engine.hexplane.cpu`: gather features, scatter their gradient.

``tables`` holds per level the planes xy, xz, yz as [rows, columns, C], and after those of all
levels per level the rows xt, yt, zt at K moments as [K, W, C]. A piece is a range of channels of
one level.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape.engine.jit import helper, kernel

Floats = NDArray[np.float32]
Tables = tuple[Floats, ...]


@helper
def _between(
    row: Floats, below: Floats, column: int, a: np.float32, b: np.float32, channel: int
) -> Any:
    """Interpolate two rows [columns, C]: ``a`` toward the next column, ``b`` toward ``below``."""
    one = np.float32(1.0)
    top = (one - a) * row[column, channel] + a * row[column + 1, channel]
    bottom = (one - a) * below[column, channel] + a * below[column + 1, channel]
    return (one - b) * top + b * bottom


@kernel
def gather_pieces(
    piece: int,
    pieces: int,
    cells: NDArray[np.int32],
    shares: Floats,
    tables: Tables,
    features: Floats,
) -> None:
    """Fill one piece's channels of ``features`` [K, N, L * C]."""
    levels, _, count = cells.shape
    level, chunk, chunks = piece % levels, piece // levels, pieces // levels
    channels = tables[0].shape[2]
    first, last = chunk * channels // chunks, (chunk + 1) * channels // chunks
    xy, xz, yz = tables[3 * level], tables[3 * level + 1], tables[3 * level + 2]
    behind = 3 * (levels + level)
    xt, yt, zt = tables[behind], tables[behind + 1], tables[behind + 2]
    moments = xt.shape[0]
    one = np.float32(1.0)
    for n in range(count):
        x, y, z = cells[level, 0, n], cells[level, 1, n], cells[level, 2, n]
        a, b, c = shares[level, 0, n], shares[level, 1, n], shares[level, 2, n]
        u, v, w = one - a, one - b, one - c
        for k in range(first, last):
            in_xy = _between(xy[y], xy[y + 1], x, a, b, k)
            in_xz = _between(xz[z], xz[z + 1], x, a, c, k)
            in_yz = _between(yz[z], yz[z + 1], y, b, c, k)
            product = in_xy * in_xz * in_yz
            for m in range(moments):
                in_xt = u * xt[m, x, k] + a * xt[m, x + 1, k]
                in_yt = v * yt[m, y, k] + b * yt[m, y + 1, k]
                in_zt = w * zt[m, z, k] + c * zt[m, z + 1, k]
                features[m, n, level * channels + k] = product * in_xt * in_yt * in_zt


@kernel
def scatter_pieces(
    piece: int,
    pieces: int,
    cells: NDArray[np.int32],
    shares: Floats,
    tables: Tables,
    v_features: Floats,
    gradients: Tables,
) -> None:
    """Add one piece's gradient of its channels to ``gradients``, shaped as ``tables``."""
    levels, _, count = cells.shape
    level, chunk, chunks = piece % levels, piece // levels, pieces // levels
    channels = tables[0].shape[2]
    first, last = chunk * channels // chunks, (chunk + 1) * channels // chunks
    near, behind = 3 * level, 3 * (levels + level)
    xy, xz, yz = tables[near], tables[near + 1], tables[near + 2]
    xt, yt, zt = tables[behind], tables[behind + 1], tables[behind + 2]
    v_xy, v_xz, v_yz = gradients[near], gradients[near + 1], gradients[near + 2]
    v_xt, v_yt, v_zt = gradients[behind], gradients[behind + 1], gradients[behind + 2]
    one = np.float32(1.0)
    for n in range(count):
        x, y, z = cells[level, 0, n], cells[level, 1, n], cells[level, 2, n]
        a, b, c = shares[level, 0, n], shares[level, 1, n], shares[level, 2, n]
        u, v, w = one - a, one - b, one - c
        for k in range(first, last):
            in_xy = _between(xy[y], xy[y + 1], x, a, b, k)
            in_xz = _between(xz[z], xz[z + 1], x, a, c, k)
            in_yz = _between(yz[z], yz[z + 1], y, b, c, k)
            product = in_xy * in_xz * in_yz
            v_product = np.float32(0.0)
            for m in range(xt.shape[0]):
                in_xt = u * xt[m, x, k] + a * xt[m, x + 1, k]
                in_yt = v * yt[m, y, k] + b * yt[m, y + 1, k]
                in_zt = w * zt[m, z, k] + c * zt[m, z + 1, k]
                grad = v_features[m, n, level * channels + k]
                v_product += grad * in_xt * in_yt * in_zt
                grad *= product
                to_x, to_y, to_z = grad * in_yt * in_zt, grad * in_xt * in_zt, grad * in_xt * in_yt
                v_xt[m, x, k] += u * to_x
                v_xt[m, x + 1, k] += a * to_x
                v_yt[m, y, k] += v * to_y
                v_yt[m, y + 1, k] += b * to_y
                v_zt[m, z, k] += w * to_z
                v_zt[m, z + 1, k] += c * to_z
            to_xy = v_product * in_xz * in_yz
            v_xy[y, x, k] += v * u * to_xy
            v_xy[y, x + 1, k] += v * a * to_xy
            v_xy[y + 1, x, k] += b * u * to_xy
            v_xy[y + 1, x + 1, k] += b * a * to_xy
            to_xz = v_product * in_xy * in_yz
            v_xz[z, x, k] += w * u * to_xz
            v_xz[z, x + 1, k] += w * a * to_xz
            v_xz[z + 1, x, k] += c * u * to_xz
            v_xz[z + 1, x + 1, k] += c * a * to_xz
            to_yz = v_product * in_xy * in_xz
            v_yz[z, y, k] += w * v * to_yz
            v_yz[z, y + 1, k] += w * b * to_yz
            v_yz[z + 1, y, k] += c * v * to_yz
            v_yz[z + 1, y + 1, k] += c * b * to_yz
