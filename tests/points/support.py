"""Cameras and small layered worlds of the tests of points, views and deformation."""

import numpy as np

from livescape.points.layers import Layer, LayeredPhoto
from livescape.points.margins import Margins
from livescape_shared.camera import Camera


def camera(width=64, height=48, focal=60.0, viewmat=None):
    K = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    return Camera(width, height, K, np.eye(4) if viewmat is None else viewmat)


def turned(yaw=0.0, pitch=0.0, position=(0.0, 0.0, 0.0)):
    """World-to-camera matrix of a camera that stands at ``position``."""
    (cy, sy), (cp, sp) = ((np.cos(a), np.sin(a)) for a in (yaw, pitch))
    about_y = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    viewmat = np.eye(4)
    viewmat[:3, :3] = about_x @ about_y
    viewmat[:3, 3] = -viewmat[:3, :3] @ np.asarray(position)
    return viewmat


def texture(height, width, seed=0):
    """Smooth random colours [H, W, 3]."""
    noise = np.random.default_rng(seed).random((-(-height // 4), -(-width // 4), 3))
    fine = noise.repeat(4, 0).repeat(4, 1)[:height, :width]
    for axis in (0, 1):
        fine = (np.roll(fine, 1, axis) + fine + np.roll(fine, -1, axis)) / 3
    return np.ascontiguousarray(fine, dtype=np.float32)


def layer(depth, name="front", valid=None, image=None, moving=None):
    shape = depth.shape
    return Layer(
        name,
        texture(*shape) if image is None else image,
        depth.astype(np.float32),
        np.ones(shape, bool) if valid is None else valid,
        np.zeros(shape, np.float32) if moving is None else moving.astype(np.float32),
    )


def layered(*layers, view=None, margin=0):
    height, width = layers[0].depth.shape
    return LayeredPhoto(tuple(layers), view or camera(width, height), Margins(*[margin] * 4))


def slanted_depth(view, normal, distance):
    """Depth [H, W] of the plane normal . x = distance in camera axes."""
    columns, rows = np.meshgrid(np.arange(view.width) + 0.5, np.arange(view.height) + 0.5)
    rays = np.stack([columns, rows, np.ones_like(rows)], -1) @ np.linalg.inv(view.K).T
    return (distance / (rays @ np.asarray(normal, float))).astype(np.float32)


def everywhere(photo):
    """The same importance for all pixels of every layer."""
    return [np.ones(part.valid.shape, np.float32) for part in photo.layers]


def copied(photo, times=2):
    """How many Gaussians each moving one becomes, for all pixels of every layer."""
    return [np.full(part.valid.shape, times, np.uint8) for part in photo.layers]
