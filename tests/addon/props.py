"""Where the tests' sphere is and how it glows, for the scripts in Blender and the tests outside."""

import numpy as np

CENTER, RADIUS, GLOW = (0.4, 6.0, -0.2), 1.3, (0.5, 0.12, 0.03)
"""Metres and linear colour; some Gaussians are in front of it, some behind, some within."""

SKY = (0.2, 0.4, 0.7)
"""Linear colour of the world, where there is one."""


def sphere_depth(camera):
    """Return [H, W] camera z of the sphere at the pixel centres, infinite beside it."""
    K = camera.K
    x = (np.arange(camera.width) + 0.5 - K[0, 2]) / K[0, 0]
    y = (np.arange(camera.height) + 0.5 - K[1, 2]) / K[1, 1]
    rays = np.stack([*np.meshgrid(x, y), np.ones((camera.height, camera.width))], axis=-1)
    center = camera.viewmat[:3, :3] @ np.array(CENTER) + camera.viewmat[:3, 3]
    a, b, c = (rays * rays).sum(-1), rays @ center, center @ center - RADIUS**2
    root = b * b - a * c
    return np.where(root > 0.0, (b - np.sqrt(np.maximum(root, 0.0))) / a, np.inf)
