"""An image in motion, and the check that a device moves it as the kernels do."""

import numpy as np

from livescape.engine.advect import displacements_at
from livescape.engine.splat import symmetric_splat
from livescape.motion.animate import animate

HEIGHT, WIDTH, LOOP = 60, 80, 24


def flowing():
    """Return an image, a flow that turns and leaves the frame, and where trajectories start."""
    rng = np.random.default_rng(6)
    image = rng.random((HEIGHT, WIDTH, 3)).astype(np.float32)
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    flow = np.stack((np.sin(y / 20) + 0.5, 0.6 * np.cos(x / 15)), axis=-1)
    start = np.stack((x + 0.5, y + 0.5), axis=-1).reshape(-1, 2)
    return image, flow, start


def assert_moves_as_the_kernels_do(device):
    image, flow, start = flowing()
    rank = image[..., 0] * 3
    shape = (HEIGHT, WIDTH, 2)
    there = displacements_at(flow, [5, 17], start)
    back = displacements_at(flow, [LOOP - 5, LOOP - 17], start, backward=True)
    for step in (5, 17):
        ways = there[step].reshape(shape), back[LOOP - step].reshape(shape)
        found, weight = symmetric_splat(image, *ways, step / LOOP, rank, device=device)
        expected, expected_weight = symmetric_splat(image, *ways, step / LOOP, rank)
        np.testing.assert_allclose(weight, expected_weight, atol=1e-5)
        solid = expected_weight > 1e-3  # colours of next to nothing are all rounding
        assert solid.mean() > 0.9
        np.testing.assert_allclose(found[solid], expected[solid], atol=1e-4)
    on_device = displacements_at(flow, [5, 17], start, device=device)
    for step, moved in on_device.items():
        np.testing.assert_allclose(moved, there[step], atol=1e-4)


def assert_same_frames(device):
    image, flow, _ = flowing()
    mask = np.zeros(image.shape[:2], np.float32)
    mask[10:50, 15:70] = 1.0
    arguments = (image, flow * mask[..., None], mask, [0, 7, 16], LOOP)
    for found, expected in zip(
        animate(*arguments, device=device), animate(*arguments), strict=True
    ):
        assert np.quantile(np.abs(found - expected), 0.999) < 1e-4
