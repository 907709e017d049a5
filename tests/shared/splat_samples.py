"""Random Gaussians and their covariances."""

import numpy as np

from livescape_shared.gaussians import Gaussians, rotation_matrices


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
