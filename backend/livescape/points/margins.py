"""How far the path looks beyond the photo: the grid of invented content, and what of it is seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import in_camera, project_points
from livescape.points.floor import Floor, highest
from livescape_shared.camera import Camera

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

MIN_MARGIN = 0.04
"""Least invented content on a side, as a share of the photo's long side."""

STEEPEST = 3.0
"""Tangent of the angle from the optical axis up to which a picture can hold what lies aside."""

BORDER_PERCENTILES = (1, 25, 50, 75, 99)
"""Depths of a side that decide how wide its margin must be."""

FRAME_POINTS = 9
"""Points along each edge of a view's frame that are followed to the surface they show."""

SLACK = 4.0
"""Pixels around a frame that count as in it: what ends at its edge must not end within it."""


@dataclass(frozen=True)
class Margins:
    """Pixels of invented content on each side of the photo."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def corner(self) -> NDArray[np.int32]:
        """Column and row [2] of the photo's first pixel on the grown grid."""
        return np.array([self.left, self.top], dtype=np.int32)

    @property
    def rows(self) -> tuple[int, int]:
        """Rows before and after the photo's, as :func:`numpy.pad` wants them."""
        return self.top, self.bottom

    @property
    def columns(self) -> tuple[int, int]:
        """Columns before and after the photo's."""
        return self.left, self.right

    def photo(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """Return where the photo lies on the grown grid of ``shape``."""
        return (
            slice(self.top, shape[0] - self.bottom),
            slice(self.left, shape[1] - self.right),
        )


NONE = Margins(0, 0, 0, 0)


def grown_camera(camera: Camera, margins: Margins) -> Camera:
    """Return ``camera`` with more pixels on each side."""
    K = camera.K.copy()
    K[:2, 2] += margins.corner
    width = camera.width + margins.left + margins.right
    height = camera.height + margins.top + margins.bottom
    return Camera(width, height, K, camera.viewmat)


def needed_margins(
    camera: Camera,
    path: Sequence[Camera],
    depth: Float32Image,
    floor: Floor | None = None,
    proceed: Callable[[], None] = lambda: None,
) -> Margins:
    """Return how far the path looks beyond each side of the photo.

    What enters the frame at a side lies about as far away as what the photo shows there: near
    ground at the bottom comes in sooner than the mountains in the middle of the picture. Where a
    floor goes on below, it is what the views see there, however near they come to it.

    Args:
        camera: The photo camera.
        path: Every camera that will look at the scene.
        depth: [H, W] metres.
        floor: The plane on which the scene stands.
        proceed: Called before each camera is looked at; may raise to stop.
    """
    borders = (depth[:, 0], depth[0], depth[:, -1], depth[-1])
    distances = [np.percentile(border, BORDER_PERCENTILES) for border in borders]
    levels = [] if floor is None else [floor, floor.raised(highest(depth, floor, camera))]
    overshoot = np.zeros(4)
    for view in path:
        proceed()
        rays, eye = _frame_rays(view)
        for side, near_and_far in enumerate(distances):
            for distance in near_and_far:
                beyond = _beyond(eye + rays * float(distance), camera)[:, side]
                overshoot[side] = max(overshoot[side], beyond.max())
        for level in levels:
            below = level.hit(eye, rays, camera)
            if len(below):
                overshoot = np.maximum(overshoot, _beyond(below, camera).max(axis=0))
    centre = camera.K[:2, 2]
    reach = STEEPEST * camera.K[(0, 1), (0, 1)]
    size = np.array([camera.width, camera.height])
    most = np.concatenate([reach - centre, reach - (size - centre)])
    least = MIN_MARGIN * max(camera.width, camera.height)
    margins = np.clip(overshoot + SLACK, least, np.maximum(most, least))
    return Margins(*(int(margin) for margin in np.ceil(margins)))


def _frame_rays(view: Camera) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return world rays [N, 3] along the edge of a frame, one metre deep, and the eye [3]."""
    along = np.linspace(0.0, 1.0, FRAME_POINTS)
    ends = np.zeros_like(along)
    edge = np.concatenate(
        [np.column_stack(pair) for pair in
         ((along, ends), (along, ends + 1.0), (ends, along), (ends + 1.0, along))]
    ) * (view.width, view.height)  # fmt: skip
    rays = np.column_stack([edge, np.ones(len(edge))]) @ np.linalg.inv(view.K).T
    return rays @ view.viewmat[:3, :3], np.asarray(view.position, dtype=np.float64)


def _beyond(points: NDArray[np.float64], camera: Camera) -> NDArray[np.float64]:
    """Return by how many pixels points [N, 3] lie beyond left, top, right and bottom [N, 4].

    What lies behind the photo camera lies beyond every margin, on the side it is nearest to.
    """
    positions, z = project_points(points, camera)
    u, v = positions.T
    beyond = np.stack([-u, -v, u - camera.width, v - camera.height], axis=1)
    local = in_camera(points, camera.viewmat)
    toward = np.stack([-local[:, 0], -local[:, 1], local[:, 0], local[:, 1]], axis=1)
    side = toward == toward.max(axis=1, keepdims=True)
    return np.where((z > 0)[:, None], beyond, np.where(side, np.inf, 0.0))


def looked_at(
    points: NDArray[np.floating], path: Sequence[Camera], footprint: NDArray[np.floating]
) -> Mask:
    """Return [N] which points are in some frame of the path.

    Args:
        points: [N, 3] world metres.
        path: Cameras.
        footprint: [N] metres, width of what a point stands for.
    """
    seen = np.zeros(len(points), dtype=bool)
    for view in path:
        rest = np.flatnonzero(~seen)
        positions, z = project_points(points[rest], view)
        wide = SLACK + 2.0 * view.K[0, 0] * footprint[rest] / np.maximum(z, 1e-6)
        u, v = positions.T
        seen[rest] = (
            (z > 0) & (u > -wide) & (u < view.width + wide) & (v > -wide) & (v < view.height + wide)
        )
    return seen
