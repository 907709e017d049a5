"""A small scene made of numbers, the same in every process that asks for it."""

from dataclasses import dataclass

import numpy as np

from livescape_shared.gaussians import GaussianFrame, Gaussians
from livescape_shared.scene import MovingGaussians, SceneMeta


@dataclass(frozen=True)
class Scene:
    """Static and moving Gaussians, and the velocity of the latter in metres per loop."""

    meta: SceneMeta
    static: Gaussians
    moving: MovingGaussians
    velocity: np.ndarray

    def frame(self, position: float) -> GaussianFrame:
        """Return the moving Gaussians at loop frame ``position``, which may be fractional."""
        t = position / self.meta.loop_frames
        travelled = np.where(self.moving.copies == 0, t, t - 1.0)[:, None]
        at_rest = self.moving.gaussians
        means = at_rest.means + travelled * self.velocity
        return GaussianFrame(int(position), means, at_rest.quats, at_rest.scales)

    def frames(self):
        """Yield every baked frame, 0 to loop_frames."""
        for index in range(self.meta.loop_frames + 1):
            yield self.frame(index)

    def seen_at(self, frame: float) -> Gaussians:
        """Return all that Blender shows at ``frame``: linear between baked frames."""
        meta = self.meta
        position = (frame - meta.start_frame) % meta.loop_frames
        moving = self.moving.at(self.frame(position), position / meta.loop_frames)
        return Gaussians.concatenate(moving, self.static)


def _cloud(rng, count: int) -> Gaussians:
    y = rng.uniform(3.0, 12.0, count)
    x, z = rng.uniform(-1.1, 1.1, count) * y, rng.uniform(-0.7, 0.7, count) * y
    scales = np.exp(rng.uniform(np.log(0.01), np.log(0.25), (count, 3)))
    quats = rng.normal(size=(count, 4))
    quats /= np.linalg.norm(quats, axis=1, keepdims=True)
    return Gaussians(
        np.stack([x, y, z], axis=1),
        quats,
        scales,
        rng.uniform(0.05, 0.99, count),
        rng.uniform(0.0, 1.0, (count, 3)),
    )


def scene(static: int = 3000, pairs: int = 800, loop_frames: int = 12, start: int = 5) -> Scene:
    """Return the scene; Gaussians lie at y = 3 to 12, as seen by a camera that looks along +y."""
    rng = np.random.default_rng(7)
    original = _cloud(rng, pairs)
    velocity = rng.normal(size=(pairs, 3)) * 0.5
    copies = np.repeat(np.array([0, 1], np.uint8), pairs)
    middle = np.tile(rng.uniform(size=(pairs, 3)), (2, 1)).astype(np.float32)
    return Scene(
        SceneMeta(static, 2 * pairs, loop_frames, start, 24.0, "linear"),
        _cloud(rng, static),
        MovingGaussians(Gaussians.concatenate(original, original), copies, middle),
        np.concatenate([velocity, velocity]),
    )


def harmonics(count: int, degree: int) -> np.ndarray:
    """Return coefficients [count, (degree + 1)^2 - 1, 3] beyond degree 0."""
    rng = np.random.default_rng(11)
    return rng.normal(size=(count, (degree + 1) ** 2 - 1, 3), scale=0.15).astype(np.float32)
