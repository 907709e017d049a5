"""Points to pixels and back: the bits of one product, in pieces that need no threads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from livescape.cameras.projection import (
    ROWS,
    axes_in_pixels,
    project_points,
    unproject_image,
    unproject_points,
)
from livescape.gaussians.visibility import in_frame
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians

SHAPE = (430, 560)
COUNT = SHAPE[0] * SHAPE[1]
AXES = np.broadcast_to(np.eye(3), (COUNT, 3, 3))


def turned_camera() -> Camera:
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    viewmat = np.eye(4)
    viewmat[:3, :3], viewmat[:3, 3] = turn, (0.3, -1.0, 2.0)
    K = np.array([[500.0, 0.0, 280.0], [0.0, 500.0, 215.0], [0.0, 0.0, 1.0]])
    return Camera(560, 430, K, viewmat)


@pytest.mark.parametrize("count", [0, 1, 3, ROWS - 1, ROWS + 1, 2 * ROWS + 5])
def test_pieces_of_rows_give_the_bits_of_one_product(count: int) -> None:
    camera, generator = turned_camera(), np.random.default_rng(count)
    points = generator.normal(size=(count, 3)) * 50.0
    local = points @ camera.viewmat[:3, :3].T + camera.viewmat[:3, 3]
    pixels = (local @ camera.K.T)[:, :2] / np.maximum(local[:, 2], 1e-9)[:, None]
    positions, depth = project_points(points, camera)
    np.testing.assert_array_equal(positions, pixels)
    np.testing.assert_array_equal(depth, local[:, 2])


def test_points_come_back_from_their_pixels() -> None:
    camera, generator = turned_camera(), np.random.default_rng(1)
    positions = generator.uniform(0.0, 400.0, (2 * ROWS + 1, 2))
    depth = generator.uniform(1.0, 50.0, len(positions))
    again, same = project_points(unproject_points(positions, depth, camera), camera)
    np.testing.assert_allclose(again, positions, atol=1e-6)
    np.testing.assert_allclose(same, depth, rtol=1e-9)


@pytest.mark.parametrize(
    ("made", "products"),
    [
        (project_points, 2),
        (
            lambda points, camera: axes_in_pixels(
                points, np.tile(np.eye(3), (COUNT, 1, 1)), camera
            ),
            1,
        ),
        (lambda points, camera: in_frame(unit_gaussians(points), [camera]), 2),
        (lambda _, camera: unproject_image(np.full(SHAPE, 5.0, np.float32), camera), 2),
    ],
    ids=["projected", "axes", "in frame", "unprojected"],
)
def test_no_product_is_large_enough_for_threads(
    made: Callable[..., object], products: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    multiply, rows = np.matmul, []

    def counting(a, b, **options):
        rows.append(len(a))
        return multiply(a, b, **options)

    monkeypatch.setattr(np, "matmul", counting)
    made(np.ones((COUNT, 3), np.float32), turned_camera())
    assert sum(rows) == products * COUNT
    assert max(rows) < 2 * ROWS


def unit_gaussians(means: NDArray[np.float32]) -> Gaussians:
    count = len(means)
    ones = np.ones((count, 3), np.float32)
    return Gaussians(means, np.ones((count, 4), np.float32), ones, ones[:, 0], ones)
