"""How much of a picture one photo cannot show: what was hidden in it, what lies beyond its edge.

Every pixel of the photo is a point in space, as far away as the survey says. Where none of them
lands in a camera's picture, the photo has nothing to show there. Points beyond the photo's edge,
which are imagined as far away as the edge is, tell which of these places lie outside of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape_shared.camera import Camera

PICTURE_SIZE = 96
"""Pixels of the long side of the pictures that are looked at."""

POINTS_PER_PIXEL = 2
"""Of a side: so many points make up for what a move pulls apart."""

MARGIN = 1.0
"""How far beyond the photo points are imagined, in its own sides."""

_NEAR = 1e-3

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Survey:
    """What the backend says of a photo.

    Attributes:
        depth: [h, w] metres along z of the photo's camera.
        sky: [h, w] bool.
        horizon: Height of the horizon, 0 at the photo's upper edge and 1 at its lower.
        camera: The photo's camera at this size.
    """

    depth: NDArray[np.float32]
    sky: Bools
    horizon: float
    camera: Camera

    @property
    def near(self) -> float:
        """Metres of what is nearest, a few specks aside."""
        return float(np.percentile(self.depth, 5.0))

    @property
    def middle(self) -> float:
        """Metres of what is in the middle of the picture and is not sky."""
        high, wide = self.depth.shape
        part = np.s_[high // 3 : high - high // 3, wide // 3 : wide - wide // 3]
        solid = self.depth[part][~self.sky[part]]
        return float(np.median(solid)) if solid.size else self.near


@dataclass(frozen=True)
class Share:
    """What of a picture the photo cannot show, in percent.

    Attributes:
        hidden: What something nearer hid.
        beyond: What lies beyond the photo's edge.
    """

    hidden: float
    beyond: float

    @property
    def total(self) -> float:
        """Both."""
        return self.hidden + self.beyond


class Unseen:
    """Measures pictures against one survey.

    Args:
        survey: The photo's depth.
        viewmat: [4, 4] world to camera of the photo's camera, where it is now.
    """

    def __init__(self, survey: Survey, viewmat: NDArray[np.float64]) -> None:
        every = max(max(survey.depth.shape) // (PICTURE_SIZE * POINTS_PER_PIXEL), 1)
        depth_of_photo = survey.depth[every // 2 :: every, every // 2 :: every]
        high, wide = depth_of_photo.shape
        down, across = round(high * MARGIN / 2), round(wide * MARGIN / 2)
        depth = np.pad(depth_of_photo, ((down, down), (across, across)), mode="edge")
        inside = np.pad(np.ones((high, wide), bool), ((down, down), (across, across)))
        rows, columns = np.mgrid[-down : high + down, -across : wide + across] + 0.5
        K = survey.camera.resized(wide, high).K
        x = (columns - K[0, 2]) / K[0, 0] * depth
        y = (rows - K[1, 2]) / K[1, 1] * depth
        points = np.stack([x, y, depth], axis=-1).reshape(-1, 3)
        inverse = np.linalg.inv(viewmat)
        world = points @ inverse[:3, :3].T + inverse[:3, 3]
        self._turn = np.asarray(viewmat[:3, :3])
        self._edges = (-K[0, 2] / K[0, 0], -K[1, 2] / K[1, 1],
                       (wide - K[0, 2]) / K[0, 0], (high - K[1, 2]) / K[1, 1])  # fmt: skip
        self._of_photo = world[inside.ravel()].astype(np.float32)
        inside[::2] = inside[:, ::2] = True  # one in four will do to tell on which side of the edge
        self._beyond = world[~inside.ravel()].astype(np.float32)

    def share(self, camera: Camera) -> Share:
        """Return what of a camera's picture the photo cannot show."""
        small = _small(camera)
        empty = _opened(~_hit(self._of_photo, small))
        if not empty.any():
            return Share(0.0, 0.0)
        outside = empty & (_spread(_hit(self._beyond, small)) | self._looks_past(small))
        beyond = 100.0 * float(outside.mean())
        return Share(100.0 * float(empty.mean()) - beyond, beyond)

    def _looks_past(self, camera: Camera) -> Bools:
        """Return which pixels look where the photo does not, however far things are there."""
        rows, columns = np.mgrid[: camera.height, : camera.width] + 0.5
        rays = np.stack([columns, rows, np.ones_like(rows)], axis=-1) @ np.linalg.inv(camera.K).T
        seen = rays @ camera.viewmat[:3, :3] @ self._turn.T
        ahead = np.maximum(seen[..., 2:], _NEAR)
        x, y = np.moveaxis(seen[..., :2] / ahead, -1, 0)
        left, top, right, bottom = self._edges
        inside = (x > left) & (x < right) & (y > top) & (y < bottom) & (seen[..., 2] > _NEAR)
        return np.asarray(~inside)

    def total(self, camera: Camera) -> float:
        """Return how many percent of a camera's picture the photo cannot show."""
        return 100.0 * float(_opened(~_hit(self._of_photo, _small(camera))).mean())


def _small(camera: Camera) -> Camera:
    factor = PICTURE_SIZE / max(camera.width, camera.height)
    width, height = (max(round(side * factor), 4) for side in (camera.width, camera.height))
    return camera.resized(width, height)


def _hit(points: NDArray[np.float32], camera: Camera) -> Bools:
    """Return in which pixels of a camera's picture points land."""
    to_pixels = camera.K @ camera.viewmat[:3]
    seen = points @ to_pixels[:, :3].T.astype(np.float32) + to_pixels[:, 3].astype(np.float32)
    seen = seen[seen[:, 2] > _NEAR]
    columns, rows = seen[:, 0] / seen[:, 2], seen[:, 1] / seen[:, 2]
    there = (columns >= 0) & (columns < camera.width) & (rows >= 0) & (rows < camera.height)
    found = np.zeros((camera.height, camera.width), dtype=bool)
    found[rows[there].astype(np.int32), columns[there].astype(np.int32)] = True
    return found


def _opened(holes: Bools) -> Bools:
    """Return the holes without those that are only cracks between points."""
    return _spread(~_spread(~holes))


def _spread(mask: Bools) -> Bools:
    """Return what has something of ``mask`` among the nine pixels around it."""
    padded = np.pad(mask, 1)
    across = padded[:, :-2] | padded[:, 1:-1] | padded[:, 2:]
    return np.asarray(across[:-2] | across[1:-1] | across[2:])
