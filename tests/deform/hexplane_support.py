"""Published vectors of the deformation networks, and a small river of moving Gaussians."""

import numpy as np
import torch
from tests.data.files import load_vectors

from livescape.deform.basis import MovingField
from livescape_shared.gaussians import Gaussians

VECTOR_NAMES = ("4dgs_deform_tiny", "mom_deform_tiny")


def vector_tensors(name):
    """Return one file of the published vectors as tensors."""
    return {key: torch.from_numpy(value) for key, value in load_vectors(name).items()}


def river(count=600, terms=6, seed=0):
    """Gaussians on a plane before the eye, carried round a bend by a smooth motion."""
    random = np.random.default_rng(seed)
    means = random.uniform([-6, 8, 0], [6, 30, 0.1], (count, 3))
    size = np.full((count, 3), 0.05) * means[:, 1:2] / 10
    quats = random.normal(size=(count, 4))
    gaussians = Gaussians(
        means,
        quats / np.linalg.norm(quats, axis=1, keepdims=True),
        size,
        np.full(count, 0.8),
        random.uniform(size=(count, 3)),
    )
    x, y = means[:, 0], means[:, 1]
    coefficients = np.zeros((terms, count, 3))
    coefficients[0] = np.column_stack([1.0 + 0.1 * x, -0.5 + 0.02 * y, 0 * x])
    coefficients[1] = np.column_stack([0.3 * np.sin(0.4 * y), 0.2 * np.cos(0.5 * x), 0 * x])
    coefficients[2] = np.column_stack([0.1 * np.cos(0.3 * x), 0.05 * np.sin(0.2 * y), 0 * x])
    life = np.tile(np.array([-2.0, 2.0]), (count, 1))
    eye = np.array([0.0, 0.0, 1.7])
    handover = random.uniform(0.1, 0.9, (count, 2))
    coefficients, life, handover, eye = (
        array.astype(np.float32) for array in (coefficients, life, handover, eye)
    )
    return MovingField(gaussians, coefficients, life, handover, 0.1, eye)


def trajectory_errors(field, learnt, samples=17):
    """Return the distance [S, M] between both fields' means, in sizes; NaN once a Gaussian sank.

    Args:
        field: On the basis.
        learnt: On the HexPlane, of the same Gaussians.
        samples: S, phases evenly from -1 to 1.
    """
    phases = np.linspace(-1.0, 1.0, samples)
    size = np.sort(field.gaussians.scales, axis=1)[:, 1]
    errors = [
        np.linalg.norm(pose.means - field.means_at(s), axis=1) / size
        for s, pose in zip(phases, learnt.poses(phases), strict=True)
    ]
    alive = (phases[:, None] >= field.life[:, 0]) & (phases[:, None] <= field.life[:, 1])
    return np.where(alive, np.stack(errors), np.nan).astype(np.float32)
