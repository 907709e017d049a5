"""Gaussians for exchange by files: with view-dependent colour, in any axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape_shared import covariance
from livescape_shared.gaussians import Float32Array, Gaussians
from livescape_shared.harmonics import turned
from livescape_shared.recentring import NO_OFFSET, Offset
from livescape_shared.rendering import SH_COEFFICIENTS

AXES = {
    "y_down": np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]]),
    "y_up": np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]]),
    "z_up": np.eye(3),
}
"""[3, 3] from the axes of a file to those of Blender: x right, y into the picture, z up.

``y_down`` (x right, y down, z into the picture) is what 3DGS tools write, ``y_up`` (x right, y up,
z out of the picture) what OpenGL, glTF and SPZ use, ``z_up`` Blender's own.
"""


@dataclass(frozen=True)
class Splats:
    """Gaussians and their view-dependent colour.

    Attributes:
        gaussians: [N] set; colours are those of degree 0 and may leave 0..1.
        harmonics: [N, K, 3] coefficients beyond degree 0 in the order of 3DGS, K = 3, 8 or 15;
            None where colour does not depend on the view.
    """

    gaussians: Gaussians
    harmonics: Float32Array | None = None

    def __post_init__(self) -> None:
        """Check shapes."""
        if self.harmonics is None:
            return
        shape = self.harmonics.shape
        known = [(len(self.gaussians), count, 3) for count in SH_COEFFICIENTS[1:]]
        if shape not in known:
            message = f"harmonics has shape {shape}, expected one of {known}"
            raise ValueError(message)

    def __len__(self) -> int:
        """Return N."""
        return len(self.gaussians)

    def __getitem__(self, chosen: NDArray[np.signedinteger] | NDArray[np.bool_]) -> Splats:
        """Return the chosen rows: a mask, or their numbers."""
        rest = None if self.harmonics is None else self.harmonics[chosen]
        return Splats(self.gaussians[chosen], rest)

    @property
    def degree(self) -> int:
        """Degree of the spherical harmonics, 0 to 3."""
        return 0 if self.harmonics is None else SH_COEFFICIENTS.index(self.harmonics.shape[1])

    @classmethod
    def concatenate(cls, *parts: Splats) -> Splats:
        """Return all parts concatenated, with coefficients of the highest degree of any."""
        gaussians = Gaussians.concatenate(*(part.gaussians for part in parts))
        count = SH_COEFFICIENTS[max(part.degree for part in parts)]
        if not count:
            return cls(gaussians)
        harmonics = np.zeros((len(gaussians), count, 3), dtype=np.float32)
        start = 0
        for part in parts:
            if part.harmonics is not None:
                end = part.harmonics.shape[1]
                harmonics[start : start + len(part), :end] = part.harmonics
            start += len(part)
        return cls(gaussians, harmonics)

    def transformed(self, matrix: NDArray[np.float64]) -> Splats:
        """Return the splats after an affine map [4, 4].

        Colours turn with the rotation nearest to it, which is exact unless it scales unevenly.
        """
        gaussians = covariance.transform(self.gaussians, matrix)
        if self.harmonics is None:
            return Splats(gaussians)
        rotation = covariance.nearest_rotation(np.asarray(matrix, dtype=np.float64)[:3, :3])
        return Splats(gaussians, turned(self.harmonics, rotation))

    def in_axes(self, axes: str) -> Splats:
        """Return splats that stand in Blender's axes in those of a file, a key of ``AXES``."""
        matrix = np.eye(4)
        matrix[:3, :3] = AXES[axes].T
        return self if axes == "z_up" else self.transformed(matrix)


@dataclass(frozen=True)
class ImportedSplats:
    """The content of a file.

    Attributes:
        splats: Those that can be shown, in the axes of the file.
        dropped: Number of rows that cannot, and were left out.
        blends_linearly: Whether the file says that it was made for blending in linear light, as
            Blender's renderers do; otherwise display sRGB was blended, as 3DGS trains.
        axes: Axes that the file or its format states, a key of ``AXES``; None if it states none.
        offset: What was taken from all positions so that single precision holds them; add it to
            get the positions of the file, in its axes.
    """

    splats: Splats
    dropped: int
    blends_linearly: bool = False
    axes: str | None = None
    offset: Offset = NO_OFFSET

    @classmethod
    def sound(
        cls,
        splats: Splats,
        *,
        blends_linearly: bool = False,
        axes: str | None = None,
        offset: Offset = NO_OFFSET,
    ) -> ImportedSplats:
        """Keep what has finite values and an extent in every direction."""
        gaussians, harmonics = splats.gaussians, splats.harmonics
        kept = (gaussians.scales > 0.0).all(axis=1)
        for values in vars(gaussians).values():
            kept &= np.isfinite(values).all(axis=tuple(range(1, values.ndim)))
        if harmonics is not None:
            kept &= np.isfinite(harmonics).all(axis=(1, 2))
        if not kept.all():
            splats = splats[np.flatnonzero(kept)]
        return cls(splats, int(np.count_nonzero(~kept)), blends_linearly, axes, offset)
