"""Random Gaussians and their covariances."""

import numpy as np

from livescape_shared.gaussians import Gaussians, rotation_matrices
from livescape_shared.splats import Splats


def gaussians(count, seed=0):
    rng = np.random.default_rng(seed)
    quats = rng.normal(size=(count, 4))
    return Gaussians(
        means=rng.normal(size=(count, 3)),
        quats=quats / np.linalg.norm(quats, axis=1, keepdims=True),
        scales=np.exp(rng.uniform(-8, 1, (count, 3))),
        opacities=rng.uniform(0.001, 0.999, count),
        colors=rng.uniform(0, 1, (count, 3)),
    )


def covariances(item):
    root = rotation_matrices(item.quats).astype(np.float64) * item.scales[:, None, :]
    return root @ root.transpose(0, 2, 1)


def moderate(count, seed=0):
    """Return splats whose scales SPZ can hold."""
    item = gaussians(count, seed)
    scales = np.clip(item.scales, 1e-3, 5.0)
    rest = np.random.default_rng(seed).uniform(-0.4, 0.4, (count, 15, 3)).astype(np.float32)
    return Splats(Gaussians(item.means, item.quats, scales, item.opacities, item.colors), rest)


def exchanged(count=50):
    """Return what other programs were given to write; a palette of 8 holds its harmonics."""
    splats = moderate(count, seed=5)
    return Splats(splats.gaussians, splats.harmonics[np.arange(count) % 8])
