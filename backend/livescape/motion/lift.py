"""The first view's own 2D motion lifted to 3D, without any refinement."""

from __future__ import annotations

import torch
from torch import Tensor

from livescape.engine.irls.observations import Observations


def lift_motion(observations: Observations) -> Tensor:
    """Return the shortest 3D motion that shows the first view's flow: parallel to its image plane.

    The other views are ignored, and motion along the viewing ray is lost; this is the baseline for
    3D motion refinement.

    Returns:
        [3, N] metres per frame, world axes; zero where the first view does not see the point.
    """
    local = observations.local(observations.points)[0]
    across = observations.target[0] * local[2:] / observations.focal[0]
    seen = (observations.weight[0] > 0).to(across.dtype)
    shift = torch.cat([across * seen, torch.zeros_like(local[2:])])
    return observations.rotation[0].T @ shift
