"""An exact, slow renderer of Gaussians in double precision: what Blender's image must equal."""

import numpy as np
from scipy.spatial.transform import Rotation

from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians, rotation_matrices

DILATION, MIN_ALPHA, MAX_ALPHA, NEAR = 0.3, 1.0 / 255.0, 0.999, 0.01


def project(gaussians: Gaussians, camera: Camera):
    """Return image means [N, 2], covariances [N, 2, 2] in pixels and depths [N]."""
    rotation, offset = camera.viewmat[:3, :3], camera.viewmat[:3, 3]
    points = gaussians.means.astype(np.float64) @ rotation.T + offset
    root = rotation_matrices(gaussians.quats).astype(np.float64) * gaussians.scales[:, None, :]
    root = rotation @ root
    x, y, z = points.T
    K = camera.K
    jacobian = np.zeros((len(z), 2, 3))
    jacobian[:, 0, 0], jacobian[:, 1, 1] = K[0, 0] / z, K[1, 1] / z
    jacobian[:, 0, 2] = -K[0, 0] * _clamped(x / z, K[0, 0], K[0, 2], camera.width) / z
    jacobian[:, 1, 2] = -K[1, 1] * _clamped(y / z, K[1, 1], K[1, 2], camera.height) / z
    half = jacobian @ root
    covariances = half @ half.transpose(0, 2, 1) + DILATION * np.eye(2)
    means = np.stack([K[0, 0] * x / z + K[0, 2], K[1, 1] * y / z + K[1, 2]], axis=1)
    return means, covariances, z


def _clamped(slope, focal, center, size):
    """Keep the derivative's point at most 15 % of the image outside of it, as gsplat does."""
    return np.clip(slope, (-0.15 * size - center) / focal, (1.15 * size - center) / focal)


def render_linear(gaussians: Gaussians, colors, camera: Camera, surface=np.inf):
    """Return premultiplied colour [H, W, C] and alpha [H, W] of the Gaussians.

    ``colors`` [N, C] are blended as they are: linear colour, sRGB numbers or depth. ``surface``
    [H, W] is the depth of what is opaque: a Gaussian whose mean lies behind it is hidden there.
    """
    means, covariances, depths = project(gaussians, camera)
    conics = np.linalg.inv(covariances)
    image = np.zeros((camera.height, camera.width, colors.shape[1]))
    surface = np.broadcast_to(surface, (camera.height, camera.width))
    transmittance = np.ones((camera.height, camera.width))
    radii = 3.4 * np.sqrt(np.linalg.eigvalsh(covariances)[:, 1])
    for index in np.argsort(depths, kind="stable"):
        if depths[index] <= NEAR:
            continue
        (left, top), radius = means[index], radii[index]
        x0, x1 = np.clip([left - radius, left + radius + 1], 0, camera.width).astype(int)
        y0, y1 = np.clip([top - radius, top + radius + 1], 0, camera.height).astype(int)
        if x0 >= x1 or y0 >= y1:
            continue
        dx = np.arange(x0, x1)[None, :] + 0.5 - left
        dy = np.arange(y0, y1)[:, None] + 0.5 - top
        a, b, c = conics[index, 0, 0], conics[index, 0, 1], conics[index, 1, 1]
        density = np.exp(-0.5 * (a * dx * dx + 2 * b * dx * dy + c * dy * dy))
        alpha = np.minimum(gaussians.opacities[index] * density, MAX_ALPHA)
        alpha = np.where(alpha > MIN_ALPHA, alpha, 0.0)
        window = (slice(y0, y1), slice(x0, x1))
        alpha = np.where(surface[window] > depths[index], alpha, 0.0)
        image[window] += (transmittance[window] * alpha)[..., None] * colors[index]
        transmittance[window] *= 1.0 - alpha
    return image, 1.0 - transmittance


def transformed(gaussians: Gaussians, matrix) -> Gaussians:
    """Return Gaussians moved by any affine 4x4: mirrored and unevenly scaled ones too."""
    matrix = np.array(matrix, dtype=np.float64)
    axes = rotation_matrices(gaussians.quats).astype(np.float64) * gaussians.scales[:, None, :]
    rotations, scales, _ = np.linalg.svd(matrix[:3, :3] @ axes)
    rotations[:, :, 2] *= np.linalg.det(rotations)[:, None]  # a mirrored ellipsoid is the same
    means = gaussians.means @ matrix[:3, :3].T + matrix[:3, 3]
    quats = Rotation.from_matrix(rotations).as_quat()[:, [3, 0, 1, 2]]
    return Gaussians(means, quats, scales, gaussians.opacities, gaussians.colors)


def psnr(image, wanted) -> float:
    """Return the peak signal-to-noise ratio in dB of values in 0..1."""
    error = np.mean((np.asarray(image, np.float64) - np.asarray(wanted, np.float64)) ** 2)
    return float(-10.0 * np.log10(max(error, 1e-12)))
