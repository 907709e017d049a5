"""The plane on which water and ground lie, seen by a pitched pinhole camera.

With the horizon at row v0 the plane's normal makes the angle ``atan((cy - v0) / fy)`` with the
image's vertical, and a point of the plane seen at row v has the depth
``z = height * fy / (cos(pitch) * (v - v0))``: inverse depth is linear in the row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class GroundPlane:
    """A plane below the camera.

    Attributes:
        horizon_row: Row at which the plane vanishes, pixels.
        scale: Depth times rows below the horizon, metre pixels.
        far: Depth in metres at which the plane ends.
    """

    horizon_row: float
    scale: float
    far: float

    @classmethod
    def from_camera(
        cls, K: NDArray[np.float64], horizon_row: float, camera_height: float, far: float
    ) -> GroundPlane:
        """Return the plane ``camera_height`` metres below a camera with intrinsics ``K``."""
        fy, cy = float(K[1, 1]), float(K[1, 2])
        cos_pitch = fy / float(np.hypot(fy, horizon_row - cy))
        return cls(horizon_row, camera_height * fy / cos_pitch, far)

    def depth_at(self, rows: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the depth in metres at ``rows`` (pixels from the top, centres at +0.5).

        The horizon is raised by as many rows as make the plane reach ``far`` where the true one
        would vanish, so depth stays finite there and the surface stays exactly a plane.
        """
        below = np.maximum(np.asarray(rows, np.float64) - self.horizon_row, 0.0)
        return self.scale / (below + self.scale / self.far)
