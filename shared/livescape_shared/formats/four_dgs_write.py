"""Writes ``.4dgs`` scenes, by the library ``fourdgs``.

What moves unevenly is written as several Gaussians that move evenly, one after another.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livescape_shared.formats.four_dgs import COORDINATES, SH_HIGH, SH_LOW, library
from livescape_shared.formats.four_dgs_pieces import Piece, Pieces, joined
from livescape_shared.gaussians import Float32Array
from livescape_shared.splats import Splats

_Z_UP: Final = "z-up-right-handed"
"""Axes of what is written: Blender's own."""

_PROFILE: Final = "default"
"""The library's own name for how exact numbers are."""


def write_four_dgs(path: Path, frames: Iterable[tuple[int, Splats]], fps: float) -> None:
    """Write frames as Gaussians that move evenly for a while.

    Rows correspond by their order; where their number changes, all begin anew. A coefficient of
    view-dependent colour becomes a byte between -4 and 4.

    Raises:
        LivescapeError: ``fourdgs_missing``.
    """
    fourdgs = library()
    found, end = _pieces(frames, fps)
    splats, motions, spans = found
    rows = splats.gaussians
    # Moments are rounded to a grid; where something is at such a moment is not.
    grid = fourdgs.Steps.of(fourdgs.Bounds.for_profile(_PROFILE)).time
    moments = np.rint(spans[:, 0] / grid) * grid
    means = rows.means + motions * (moments - spans[:, 0])[:, None].astype(np.float32)
    scene = fourdgs.GaussianSet(
        means, rows.scales, np.roll(rows.quats, -1, axis=1),
        np.concatenate([np.clip(rows.colors, 0.0, 1.0), rows.opacities[:, None]], axis=1),
        motions, moments.astype(np.float32), np.full(len(rows), np.inf, np.float32),
        spans[:, 0], spans[:, 1],
        sh=None if splats.harmonics is None else _bytes(splats.harmonics),
        sh_degree=splats.degree,
    )  # fmt: skip
    options = fourdgs.WriteOptions(_PROFILE, metadata={COORDINATES: _Z_UP})
    fourdgs.write(str(path), scene, end, options=options)


def _pieces(frames: Iterable[tuple[int, Splats]], fps: float) -> tuple[Piece, float]:
    """Return all pieces of even motion, and the second at which the last frame ends."""
    parts: list[Piece] = []
    started, last = None, 0.0
    pieces: Pieces | None = None
    for number, splats in frames:
        started = number if started is None else started
        last = (number - started) / fps
        if pieces is None or len(splats) != len(pieces.first):
            if pieces is not None:
                parts.append(pieces.finish(last))
            pieces = Pieces(splats, last)
        else:
            parts.append(pieces.step(splats, last))
    end = last + 1.0 / fps
    if pieces is not None:
        parts.append(pieces.finish(end))
    return joined(parts), end


def _bytes(harmonics: Float32Array) -> NDArray[np.uint8]:
    """Return coefficients [N, K, 3] as the format has them: one channel after another."""
    share = np.clip((np.swapaxes(harmonics, 1, 2) - SH_LOW) / (SH_HIGH - SH_LOW), 0.0, 1.0)
    values: NDArray[np.uint8] = np.rint(255.0 * share).astype(np.uint8)
    return values.reshape(len(values), 3 * harmonics.shape[1])
