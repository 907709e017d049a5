"""A synthetic multi-view set: dense Gaussians on a textured relief and a backdrop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape.gaussians.render import render
from livescape.gaussians.view_loss import TrainingView
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians
from livescape_shared.settings import Blend


@dataclass(frozen=True)
class TerrainSet:
    """Cameras with their true images, and a poor initial cloud to fit to them."""

    cameras: list[Camera]
    images: list[NDArray[np.float32]]
    initial: Gaussians

    def views(self, chosen: list[int]) -> list[TrainingView]:
        """Training views of some cameras."""
        return [
            TrainingView(self.cameras[i].viewmat, self.cameras[i].K, self.images[i]) for i in chosen
        ]


def terrain_set(
    width: int, height: int, truth: int, initial: int, *, blend: Blend = "linear", seed: int = 0
) -> TerrainSet:
    """Nine views of `truth` Gaussians, and `initial` grey, faint, misplaced ones."""
    rng = np.random.default_rng(seed)
    cameras = _cameras(width, height)
    dense = _surface(truth, cameras[0], rng)
    images = [render(dense, camera, blend).image for camera in cameras]
    chosen = dense[np.sort(rng.choice(truth, initial, replace=False))]
    depth = chosen.means[:, 2:]
    start = Gaussians(
        means=chosen.means + 0.004 * depth * rng.standard_normal((initial, 3)).astype(np.float32),
        quats=chosen.quats,
        scales=chosen.scales * 0.8 * np.sqrt(truth / initial),
        opacities=np.full(initial, 0.1),
        colors=np.full((initial, 3), 0.5),
    )
    return TerrainSet(cameras, images, start)


def _cameras(width: int, height: int) -> list[Camera]:
    focal = 0.9 * width
    K = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    cameras = []
    for i in range(9):
        viewmat = np.eye(4)
        viewmat[:3, 3] = [-(i % 3 - 1) * 0.25, -(i // 3 - 1) * 0.12, -0.1 * (i % 2)]
        cameras.append(Camera(width, height, K, viewmat))
    return cameras


def _surface(count: int, camera: Camera, rng: np.random.Generator) -> Gaussians:
    across, along = rng.uniform(-1, 1, count), rng.uniform(0, 1, count)
    backdrop = rng.random(count) < 0.5
    z = np.where(backdrop, 12.0, 2.0 + 10.0 * along)
    x = across * z * 0.75
    relief = 1.2 + 0.25 * np.sin(1.3 * x) * np.cos(0.9 * z)
    y = np.where(backdrop, rng.uniform(-5.2, 5.2, count), relief)
    means = np.stack([x, y, z], axis=1)
    return Gaussians(
        means=means.astype(np.float32),
        quats=np.tile([1.0, 0.0, 0.0, 0.0], (count, 1)),
        scales=np.tile(0.9 * z[:, None] / camera.K[0, 0], (1, 3)),
        opacities=np.full(count, 0.8),
        colors=_texture(means).astype(np.float32),
    )


def _texture(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smooth noise with detail down to a few pixels, in 0.02..0.98."""
    channels = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        value = np.zeros(len(points))
        for octave in range(9):
            direction = rng.normal(size=3) * 1.7**octave
            value += np.sin(points @ direction + rng.uniform(0, 6.28)) / 1.25**octave
        channels.append(0.5 + 0.13 * value)
    return np.clip(np.stack(channels, axis=1), 0.02, 0.98)
