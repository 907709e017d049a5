"""Guided filter and mean field against slow plain twins."""

import numpy as np
import pytest

from livescape.imaging.guided_filter import apply_coefficients, guided_coefficients, guided_filter
from livescape.layout.bilateral import COMPATIBILITY, SHIFTS, BilateralGrid, mean_field


def plain_guided_filter(guide, plane, radius, eps):
    """Equations 14 to 16 of He et al. (2013), window by window."""
    height, width = plane.shape

    def window(row, column):
        return np.s_[
            max(0, row - radius) : row + radius + 1, max(0, column - radius) : column + radius + 1
        ]

    slopes, offsets = np.empty((height, width, 3)), np.empty((height, width))
    for row in range(height):
        for column in range(width):
            colours = guide[window(row, column)].reshape(-1, 3).astype(np.float64)
            values = plane[window(row, column)].ravel().astype(np.float64)
            centred = colours - colours.mean(axis=0)
            covariance = centred.T @ centred / len(values) + eps * np.eye(3)
            slope = np.linalg.solve(covariance, centred.T @ (values - values.mean()) / len(values))
            slopes[row, column] = slope
            offsets[row, column] = values.mean() - slope @ colours.mean(axis=0)
    result = np.empty((height, width))
    for row in range(height):
        for column in range(width):
            slope = slopes[window(row, column)].reshape(-1, 3).mean(axis=0)
            result[row, column] = slope @ guide[row, column] + offsets[window(row, column)].mean()
    return result


def test_guided_filter_matches_its_plain_twin():
    rng = np.random.default_rng(0)
    guide = rng.random((13, 17, 3), dtype=np.float32)
    planes = rng.random((2, 13, 17), dtype=np.float32)
    fast = guided_filter(guide, planes, radius=3, eps=0.01)
    for plane, filtered in zip(planes, fast, strict=True):
        np.testing.assert_allclose(filtered, plain_guided_filter(guide, plane, 3, 0.01), atol=2e-3)


def test_a_blurred_edge_snaps_to_the_guide():
    guide = np.zeros((40, 40, 3), np.float32)
    guide[:, 20:] = 0.8
    blurred = np.clip((np.arange(40) - 13.0) / 10.0, 0.0, 1.0)  # its middle is off by two
    planes = np.broadcast_to(blurred.astype(np.float32), (1, 40, 40))
    filtered = guided_filter(guide, planes, radius=8, eps=1e-4)[0]
    assert filtered[20, 21] - filtered[20, 18] > 0.4
    assert blurred[21] - blurred[18] < 0.31


def test_coefficients_of_a_small_guide_serve_a_large_one():
    guide = np.zeros((32, 32, 3), np.float32)
    guide[:, 16:] = 1.0
    planes = guide[None, :, :, 0]
    slope, offset = guided_coefficients(guide, planes, 4, 1e-4)
    large = np.repeat(np.repeat(guide, 3, axis=0), 3, axis=1)
    applied = apply_coefficients(large, slope, offset)
    assert applied.shape == (1, 96, 96)
    np.testing.assert_allclose(applied[0], large[..., 0], atol=0.06)


def test_guided_filter_names_a_size_that_does_not_fit():
    with pytest.raises(ValueError, match=r"\(1, 4, 6\)"):
        guided_coefficients(np.zeros((4, 5, 3), np.float32), np.zeros((1, 4, 6), np.float32), 1, 1)


def plain_grid_filter(features, shift, planes):
    """Average in cells and blur over a dense five-dimensional array."""
    index = np.floor(features + shift).astype(int)
    index -= index.min(axis=0) - 1
    shape = tuple(index.max(axis=0) + 2)
    flat = [tuple(cell) for cell in index]
    occupied = np.zeros(shape, bool)
    for cell in flat:
        occupied[cell] = True
    sums = np.zeros((len(planes) + 1, *shape))
    for pixel, cell in enumerate(flat):
        sums[(slice(None), *cell)] += np.append(planes[:, pixel], 1.0)
    for axis in range(len(shape)):
        before, after = np.roll(sums, 1, axis + 1), np.roll(sums, -1, axis + 1)
        # A sparse grid has no value to hand on where no pixel fell.
        sums = (0.5 * sums + 0.25 * before + 0.25 * after) * occupied
    return np.stack([sums[(slice(None), *cell)] for cell in flat], axis=1)


def test_bilateral_grid_matches_a_dense_one():
    rng = np.random.default_rng(1)
    features = rng.uniform(0.0, 2.5, (120, 3)).astype(np.float32)
    planes = rng.random((2, 120), dtype=np.float32)
    fast = BilateralGrid.from_features(features, 0.3).filter(planes)
    sums = plain_grid_filter(features, 0.3, planes)
    np.testing.assert_allclose(fast, sums[:2] / sums[2], rtol=1e-4)


def test_mean_field_moves_a_border_to_the_colour_edge():
    columns = np.arange(360)
    image = np.zeros((120, 360, 3), np.float32)
    image[:, :200] = (0.3, 0.5, 0.9)
    image[:, 200:] = (0.4, 0.3, 0.1)
    # The classifier is sure far from the border and puts it eight pixels too far right.
    certainty = np.clip((columns - 208.0) / 20.0, -1.0, 1.0)
    second = np.broadcast_to(0.5 + 0.45 * certainty, (120, 360)).astype(np.float32)
    result = mean_field(np.stack([1.0 - second, second]), image)
    np.testing.assert_array_equal(
        result.argmax(axis=0), np.broadcast_to(columns >= 200, (120, 360))
    )
    np.testing.assert_allclose(result.sum(axis=0), 1.0, atol=1e-5)


def test_mean_field_of_one_colour_keeps_a_sure_classifier():
    image = np.full((20, 30, 3), 0.5, np.float32)
    sure = np.zeros((2, 20, 30), np.float32)
    sure[0, :, :15], sure[1, :, 15:] = 0.99, 0.99
    sure[1, :, :15], sure[0, :, 15:] = 0.01, 0.01
    labels = mean_field(sure, image).argmax(axis=0)
    # One colour pulls both halves with at most COMPATIBILITY, less than log(99).
    assert np.log(99.0) > COMPATIBILITY
    np.testing.assert_array_equal(labels, np.broadcast_to(np.arange(30) >= 15, (20, 30)))
    assert SHIFTS >= 2
