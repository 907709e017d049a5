"""What many views observe of the motion of every point: the input of 3D motion refinement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.cameras.projection import project_points
from livescape.imaging.sampling import sample_bilinear
from livescape_shared.camera import Camera


@dataclass(frozen=True)
class MotionView:
    """The 2D motion of one view.

    Attributes:
        camera: The view's camera.
        flow: [H, W, 2] pixels per frame of the camera's image size.
        confidence: [H, W] >= 0; 0 means that the flow there is ignored.
        visible: [N] whether each point is seen in this view (z-buffer test).
    """

    camera: Camera
    flow: NDArray[np.floating]
    confidence: NDArray[np.floating]
    visible: NDArray[np.bool_]


@dataclass(frozen=True)
class Observations:
    """The views' motion at every point; V views, N points.

    Attributes:
        points: [3, N] world positions in metres.
        rotation: [V, 3, 3] world-to-camera.
        translation: [V, 3, 1] world-to-camera, in metres.
        focal: [V, 2, 1] in pixels.
        target: [V, 2, N] observed motion in pixels per frame.
        weight: [V, N] confidence, zero where the view does not see the point.
    """

    points: Tensor
    rotation: Tensor
    translation: Tensor
    focal: Tensor
    target: Tensor
    weight: Tensor

    def to(self, device: torch.device | str, dtype: torch.dtype) -> Observations:
        """Return the same observations elsewhere."""
        return Observations(*(value.to(device, dtype) for value in vars(self).values()))

    def chunk(self, start: int, stop: int) -> Observations:
        """Return the observations of points ``start`` to ``stop``."""
        return Observations(
            self.points[:, start:stop],
            self.rotation,
            self.translation,
            self.focal,
            self.target[..., start:stop],
            self.weight[..., start:stop],
        )

    def local(self, points: Tensor) -> Tensor:
        """Return ``points`` [3, N] in the axes of every camera: [V, 3, N]."""
        return self.rotation @ points + self.translation

    def project(self, local: Tensor) -> Tensor:
        """Project camera-space points [V, 3, N] to pixels [V, 2, N], principal point left out."""
        return self.focal * local[:, :2] / local[:, 2:]


def observe(
    points: NDArray[np.floating],
    views: Sequence[MotionView],
    proceed: Callable[[], None] = lambda: None,
) -> Observations:
    """Sample every view's flow where it sees each point.

    The flow is interpolated with its confidence as weight, so that a pixel without confidence
    does not pull its neighbours toward zero.

    Args:
        points: [N, 3] world positions in metres.
        views: The views.
        proceed: Called before each view; may raise to stop.

    Returns:
        Observations in float64 on the CPU.
    """
    count = len(points)
    if points.ndim != 2 or points.shape[1] != 3:
        raise ValueError(f"points are [N, 3], not {points.shape}")
    target = np.zeros((len(views), 2, count), np.float32)
    weight = np.zeros((len(views), count), np.float32)
    for index, view in enumerate(views):
        proceed()
        size = (view.camera.height, view.camera.width)
        if view.flow.shape != (*size, 2) or view.confidence.shape != size:
            shapes = f"flow {view.flow.shape}, confidence {view.confidence.shape}"
            raise ValueError(f"view {index} of {size}: {shapes}")
        if view.visible.shape != (count,):
            raise ValueError(f"view {index}: visible {view.visible.shape} for {count} points")
        position, depth = project_points(points, view.camera)
        inside = (position >= 0).all(1) & (position <= size[::-1]).all(1) & (depth > 0)
        seen = np.flatnonzero(view.visible & inside)
        confidence = view.confidence[..., None].astype(np.float32)
        stacked = np.concatenate((view.flow.astype(np.float32) * confidence, confidence), axis=2)
        sampled = sample_bilinear(stacked, position[seen])
        weight[index, seen] = sampled[:, 2]
        target[index][:, seen] = (sampled[:, :2] / np.maximum(sampled[:, 2:], 1e-6)).T
    return _pack(points, views, target, weight)


def _pack(
    points: NDArray[np.floating],
    views: Sequence[MotionView],
    target: NDArray[np.float32],
    weight: NDArray[np.float32],
) -> Observations:
    viewmats = np.stack([view.camera.viewmat for view in views]) if views else np.zeros((0, 4, 4))
    Ks = np.stack([view.camera.K for view in views]) if views else np.zeros((0, 3, 3))
    focal = np.stack((Ks[:, 0, 0], Ks[:, 1, 1]), axis=1)[..., None]
    return Observations(
        torch.from_numpy(points.T.astype(np.float64)),
        torch.from_numpy(viewmats[:, :3, :3].copy()),
        torch.from_numpy(viewmats[:, :3, 3:].copy()),
        torch.from_numpy(focal),
        torch.from_numpy(target),
        torch.from_numpy(weight),
    )
