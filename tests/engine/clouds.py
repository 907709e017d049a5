"""Point clouds and the check that a device sees of them what the CPU kernel sees."""

import numpy as np
import torch
from tests.points.support import camera, turned

from livescape.cameras.projection import unproject_image
from livescape.engine.zbuffer import cpu, cuda

ASIDE = camera(160, 120, 150.0, viewmat=turned(0.1, -0.05, (0.3, 0.1, -0.2)))


def surfaces():
    """Two walls and a slope, one point per pixel: neighbours of equal depth, as a photo gives."""
    slope = np.linspace(9.0, 3.0, 144, dtype=np.float32)[:, None].repeat(192, axis=1)
    depths = [slope, np.full_like(slope, 6.0), np.full_like(slope, 20.0)]
    points = np.concatenate([unproject_image(each, camera(192, 144, 150.0)) for each in depths])
    footprint = np.concatenate(depths) / np.float32(150.0)
    return points.reshape(-1, 3), footprint.ravel()


def scattered():
    """Points all around the camera and at it, some far larger than the image."""
    rng = np.random.default_rng(5)
    points = rng.normal(size=(4000, 3)) * (3.0, 3.0, 4.0) + ASIDE.position
    points[:200] = ASIDE.position + 0.06 * rng.normal(size=(200, 3))
    points[200:210] = ASIDE.position
    return points.astype(np.float32), rng.gamma(0.5, 0.2, 4000).astype(np.float32)


def repeated():
    """Every point five times: depths tie exactly, and the first must win."""
    points, footprint = scattered()
    return np.tile(points[::8], (5, 1)), np.tile(footprint[::8], 5)


def beyond_all_numbers():
    """Points that are nowhere."""
    points, footprint = scattered()
    points[::3, 0], points[1::7, 2] = np.inf, np.nan
    points[2::11] = 1e30
    return points, footprint


def no_points():
    return np.zeros((0, 3), np.float32), np.zeros(0, np.float32)


CLOUDS = (surfaces, scattered, repeated, beyond_all_numbers, no_points)


def assert_sees_what_the_kernel_sees(device, cloud, pairs):
    points, footprint = cloud()
    on_device = [torch.from_numpy(each).to(device) for each in (points, footprint)]
    for view in (camera(160, 120, 150.0), ASIDE, ASIDE.resized(40, 30)):
        index, depth = cuda.nearest_points(*on_device, view, pairs)
        expected_index, expected_depth = cpu.nearest_points(points, footprint, view)
        np.testing.assert_array_equal(index.cpu().numpy(), expected_index)
        np.testing.assert_array_equal(depth.cpu().numpy(), expected_depth)
        assert (expected_index >= 0).any() == (len(points) > 0)
