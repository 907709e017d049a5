"""From the axes of Gaussians back to rotation and scales; used by every affine transform."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape_shared.gaussians import Float32Array, Gaussians, rotation_matrices


def quaternions(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return quaternions [N, 4] (w x y z, w >= 0) of rotation matrices [N, 3, 3].

    Each is read off the row of the symmetric 4 x 4 product q q^T with the largest diagonal
    element, so that nothing cancels (Shepperd 1978).
    """
    m = np.asarray(matrices, dtype=np.float64)
    xx, yy, zz = m[:, 0, 0], m[:, 1, 1], m[:, 2, 2]
    wx, wy, wz = m[:, 2, 1] - m[:, 1, 2], m[:, 0, 2] - m[:, 2, 0], m[:, 1, 0] - m[:, 0, 1]
    xy, xz, yz = m[:, 0, 1] + m[:, 1, 0], m[:, 0, 2] + m[:, 2, 0], m[:, 1, 2] + m[:, 2, 1]
    product = np.stack(
        [
            np.stack([1 + xx + yy + zz, wx, wy, wz], axis=1),
            np.stack([wx, 1 + xx - yy - zz, xy, xz], axis=1),
            np.stack([wy, xy, 1 - xx + yy - zz, yz], axis=1),
            np.stack([wz, xz, yz, 1 - xx - yy + zz], axis=1),
        ],
        axis=1,
    )
    largest = np.argmax(np.diagonal(product, axis1=1, axis2=2), axis=1)
    rows = product[np.arange(len(m)), largest]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.where(rows[:, :1] < 0.0, -rows, rows), dtype=np.float64)


def axes_of(gaussians: Gaussians) -> NDArray[np.float64]:
    """Return [N, 3, 3], whose column k is the axis k of each Gaussian, as long as its scale."""
    axes = rotation_matrices(gaussians.quats) * gaussians.scales[:, None, :]
    return axes.astype(np.float64)


def decompose(axes: NDArray[np.float64]) -> tuple[Float32Array, Float32Array]:
    """Return quaternions [N, 4] and scales [N, 3] of the covariance A A^T of ``axes`` [N, 3, 3].

    Args:
        axes: Any square root A of each covariance; its columns need not be orthogonal.
    """
    root = np.asarray(axes, dtype=np.float64)
    return principal_axes(root @ root.transpose(0, 2, 1))


def principal_axes(covariances: NDArray[np.float64]) -> tuple[Float32Array, Float32Array]:
    """Return quaternions [N, 4] and scales [N, 3], smallest first, of covariances [N, 3, 3]."""
    values, vectors = np.linalg.eigh(covariances)
    vectors[np.linalg.det(vectors) < 0.0, :, 0] *= -1.0
    scales = np.sqrt(np.maximum(values, 0.0))
    return quaternions(vectors).astype(np.float32), scales.astype(np.float32)


def transform(gaussians: Gaussians, matrix: NDArray[np.float64]) -> Gaussians:
    """Return ``gaussians`` after any affine map [4, 4], shear and mirror too."""
    linear = np.asarray(matrix, dtype=np.float64)[:3, :3]
    means = gaussians.means @ linear.T + np.asarray(matrix, dtype=np.float64)[:3, 3]
    turned = _turn(gaussians, linear) or _deform(gaussians, linear)
    return Gaussians(means.astype(np.float32), *turned, gaussians.opacities, gaussians.colors)


def _turn(
    gaussians: Gaussians, linear: NDArray[np.float64]
) -> tuple[Float32Array, Float32Array] | None:
    """Return quaternions and scales after a rotation and a uniform scale; None for other maps."""
    scale = float(np.cbrt(np.linalg.det(linear)))
    if scale <= 0.0 or not np.allclose(linear @ linear.T / scale**2, np.eye(3), atol=1e-6):
        return None
    w, x, y, z = quaternions((linear / scale)[None])[0]
    product = np.array([[w, -x, -y, -z], [x, w, -z, y], [y, z, w, -x], [z, -y, x, w]])
    quats = (gaussians.quats @ product.T).astype(np.float32)
    return quats, gaussians.scales * np.float32(scale)


def _deform(gaussians: Gaussians, linear: NDArray[np.float64]) -> tuple[Float32Array, Float32Array]:
    """Return quaternions and scales after any linear map."""
    return decompose(linear @ axes_of(gaussians))


def nearest_rotation(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the orthogonal matrix nearest to ``linear`` [3, 3]; a mirror stays a mirror."""
    left, _, right = np.linalg.svd(linear)
    return np.asarray(left @ right, dtype=np.float64)
