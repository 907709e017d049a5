"""A small scene made of numbers, the same in every process that asks for it."""

from dataclasses import dataclass

import numpy as np

from livescape_shared.conventions import FOR_EVER, SINCE_EVER, loop_time
from livescape_shared.gaussians import GaussianFrame, Gaussians
from livescape_shared.scene import MovingGaussians, SceneMeta

FADE = 0.3


@dataclass(frozen=True)
class Scene:
    """Static and moving Gaussians, and the velocity of the latter in metres per loop.

    Those that are late are incoming copies.
    """

    meta: SceneMeta
    static: Gaussians
    moving: MovingGaussians
    velocity: np.ndarray
    late: np.ndarray

    def frame(self, position: float) -> GaussianFrame:
        """Return the moving Gaussians at loop frame ``position``, which may be fractional."""
        t = position / self.meta.loop_frames
        travelled = np.where(self.late, t - 1.0, t)[:, None]
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
        t = loop_time(frame, meta.start_frame, meta.loop_frames, loop=meta.loop)
        moving = self.moving.at(self.frame(t * meta.loop_frames), t, meta.fade)
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


def scene(
    static: int = 3000,
    pairs: int = 800,
    loop_frames: int = 12,
    start: int = 5,
    *,
    loop: bool = True,
    deforms: bool = False,
) -> Scene:
    """Return the scene; Gaussians lie at y = 3 to 12, as seen by a camera that looks along +y.

    One that ``deforms`` says that rotations and scales may change, so that all of it is played.

    In a loop both copies of each moving one hand over at a moment of its own. Without, half of the
    outgoing ones leave, half of the others come in, and the rest has one copy only.
    """
    rng = np.random.default_rng(7)
    original = _cloud(rng, pairs)
    velocity = rng.normal(size=(pairs, 3)) * 0.5
    moments = rng.uniform(FADE / 2, 1.0 - FADE / 2, pairs)
    even = np.arange(pairs) % 2 == 0
    back = np.arange(pairs) if loop else np.flatnonzero(~even)
    vanishes = moments if loop else np.where(even, moments, FOR_EVER)
    outgoing = np.column_stack([np.full(pairs, SINCE_EVER), vanishes])
    incoming = np.column_stack([moments[back], np.full(len(back), FOR_EVER)])
    moving = Gaussians.concatenate(original, original[back])
    return Scene(
        SceneMeta(static, len(moving), loop_frames, loop, FADE, start, 24.0, "linear", deforms),
        _cloud(rng, static),
        MovingGaussians(moving, np.concatenate([outgoing, incoming]).astype(np.float32)),
        np.concatenate([velocity, velocity[back]]),
        np.arange(len(moving)) >= pairs,
    )


def harmonics(count: int, degree: int) -> np.ndarray:
    """Return coefficients [count, (degree + 1)^2 - 1, 3] beyond degree 0."""
    rng = np.random.default_rng(11)
    return rng.normal(size=(count, (degree + 1) ** 2 - 1, 3), scale=0.15).astype(np.float32)
