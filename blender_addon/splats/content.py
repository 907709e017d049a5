"""What an object is made of, and the arrays of its meshes; none of it is Blender's data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape_shared.gaussians import Gaussians
from livescape_shared.scene import MovingGaussians, SceneMeta

from .cloud import Cloud, cloud_of
from .continuity import is_paired
from .mesh import QuadArrays, quad_arrays
from .view_color import check_harmonics


@dataclass(frozen=True)
class SplatContent:
    """All that an object is made of.

    Attributes:
        name: Name of the object.
        meta: Counts and times.
        static: Gaussians that never move.
        moving: Gaussians that do, at t = 0.
        cache_file: The PC2 of the moving control points as the .blend names it, or another file
            of the cache if none move; empty if there is no cache.
        harmonics: [S, K, 3] spherical harmonics of the S static Gaussians beyond degree 0, K = 3,
            8 or 15 in the order of 3DGS (rgb last); None where colour does not depend on the view.
        cache_hash: SHA-256 of the PC2 file; empty if unknown.
    """

    name: str
    meta: SceneMeta
    static: Gaussians
    moving: MovingGaussians
    cache_file: str
    harmonics: NDArray[np.float32] | None = None
    cache_hash: str = ""

    def __post_init__(self) -> None:
        """Check shapes."""
        check_harmonics(self.harmonics, len(self.static))

    @property
    def degree(self) -> int:
        """Degree of the spherical harmonics, 0 to 3."""
        return check_harmonics(self.harmonics, len(self.static))


@dataclass(frozen=True)
class MeshContent:
    """The arrays of an object's meshes; computing them touches nothing of Blender's.

    Attributes:
        moving: Of the Gaussians that move.
        static: Of those that do not; None if there are none.
        is_paired: Whether copies of the moving ones hand over to each other in pairs.
        clouds: Where the moving ones and the static ones are.
    """

    moving: QuadArrays
    static: QuadArrays | None
    is_paired: bool
    clouds: tuple[Cloud, Cloud]


def mesh_content(content: SplatContent) -> MeshContent:
    """Return the arrays of the meshes of an object."""
    static = quad_arrays(content.static, harmonics=content.harmonics)
    moving = quad_arrays(
        content.moving.gaussians, content.moving.windows, relative=not content.meta.deforms
    )
    return MeshContent(
        moving,
        static if len(content.static) else None,
        content.meta.loop and is_paired(content.moving),
        (
            cloud_of(moving.points, content.moving.gaussians.opacities),
            cloud_of(static.points, content.static.opacities),
        ),
    )
