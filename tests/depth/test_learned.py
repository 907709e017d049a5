"""From a network's units to the pipeline's: metres, sky, unknown pixels, orientation."""

import cv2
import numpy as np
import pytest
from tests.contexts import here
from tests.depth.landscape import HORIZON, SIZE, K, labels, layout, photo, truth

from livescape.depth.learned import FARTHEST, FILLED_CONFIDENCE, NEAREST, learned_depth
from livescape.depth.networks.prediction import Prediction
from livescape.depth.popup import ground_plane, popup_depth
from livescape.depth.shell import sky_depth
from livescape.layout.types import RELIEF, SKY, WATER
from livescape_shared.errors import LivescapeError

INSIDE = cv2.erode((labels() != SKY).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
"""Pixels away from the sky's edge, where a coarse grid knows what it sees."""


def made_of(prediction, scene=None):
    return learned_depth(here(), photo(), scene or layout(), K, lambda *_: prediction, "test")


def affine_inverse(scale, offset, size=SIZE, wrong=0.0):
    """What a relative network says of the truth: (1 / depth - offset) / scale."""
    inverse = (1.0 / truth() - offset) / scale
    values = cv2.resize(inverse, size[::-1], interpolation=cv2.INTER_NEAREST_EXACT)
    rng = np.random.default_rng(0)
    spoilt = rng.random(size) < wrong
    values[spoilt] = rng.uniform(values.min(), values.max(), spoilt.sum())
    return Prediction(values.astype(np.float32), "inverse")


@pytest.mark.parametrize(("scale", "offset"), [(1.0, 0.0), (0.02, -0.03), (4e-4, 0.002)])
def test_a_relative_map_gets_the_scenes_metres(scale, offset):
    found = made_of(affine_inverse(scale, offset)).depth
    np.testing.assert_allclose(found[INSIDE], truth()[INSIDE], rtol=0.02)


def test_a_fifth_of_wrong_pixels_does_not_change_the_scale():
    found = made_of(affine_inverse(0.02, -0.03, wrong=0.2)).depth
    assert np.median(np.abs(found[INSIDE] / truth()[INSIDE] - 1.0)) < 0.02


def test_other_sizes_of_the_network_fit_too():
    for size in ((60, 80), (180, 240), (70, 70)):
        found = made_of(affine_inverse(0.02, -0.03, size)).depth
        assert found.shape == SIZE
        error = np.abs(found[INSIDE] / truth()[INSIDE] - 1.0)
        assert np.quantile(error, 0.9) < 0.06, size


def test_near_is_near_where_no_ground_is_seen():
    found = labels()
    found[found != SKY] = RELIEF
    scene = layout(found)
    estimate = made_of(affine_inverse(0.02, -0.03), scene)
    solid = INSIDE & (truth() < 200)
    order = np.argsort(truth()[solid])
    assert (np.diff(estimate.depth[solid][order]) >= -1e-3).all()
    popup = popup_depth(photo(), scene, K)
    ratio = np.median(estimate.depth[~estimate.sky]) / np.median(popup.depth[~popup.sky])
    assert 0.8 < ratio < 1.25
    assert estimate.depth[~estimate.sky].max() <= ground_plane(scene, K).far * 1.001


def test_a_flat_map_stands_at_the_usual_distance():
    estimate = made_of(Prediction(np.ones((30, 40), np.float32), "inverse"))
    solid = estimate.depth[~estimate.sky]
    assert np.ptp(solid) == 0.0
    popup = popup_depth(photo(), layout(), K)
    assert solid[0] == pytest.approx(np.median(popup.depth[~popup.sky]), rel=1e-3)


def test_true_metres_stay_and_absurd_ones_are_scaled():
    metres = np.where(np.isfinite(truth()), truth(), 500.0).astype(np.float32)
    for factor in (0.2, 1.0, 30.0):
        found = made_of(Prediction(metres * np.float32(factor), "metres")).depth
        wanted = np.clip(truth() * factor, NEAREST, FARTHEST)
        np.testing.assert_allclose(found[INSIDE], wanted[INSIDE], rtol=1e-3)
    for factor in (1e-3, 1e4):
        found = made_of(Prediction(metres * np.float32(factor), "metres")).depth
        np.testing.assert_allclose(found[INSIDE], truth()[INSIDE], rtol=0.02)


def test_the_sky_is_a_far_shell_whoever_finds_it():
    wall = np.where(np.isfinite(truth()), truth(), 9.0).astype(np.float32)
    above = labels() == SKY
    for prediction in (Prediction(wall, "metres"), Prediction(wall, "metres", above)):
        estimate = made_of(prediction)
        assert (estimate.sky == above).mean() > 0.98
        assert set(np.unique(estimate.depth[estimate.sky])) == {
            np.float32(sky_depth(estimate.depth, estimate.sky))
        }
        assert estimate.depth[estimate.sky].min() >= 2.0 * estimate.depth[~estimate.sky].max()
        assert (estimate.source, estimate.horizon_row) == ("test", HORIZON)


def test_a_networks_sky_in_the_water_is_a_reflection():
    found = labels()
    found[90:] = WATER
    seen = (found == SKY) | (np.arange(SIZE[0]) >= 90)[:, None]
    wall = np.where(np.isfinite(truth()), truth(), 9.0).astype(np.float32)
    estimate = made_of(Prediction(wall, "metres", seen), layout(found))
    assert not estimate.sky[90:].any()
    assert estimate.sky[:20].all()


def test_impossible_values_take_their_neighbours_depth():
    metres = np.where(np.isfinite(truth()), truth(), 500.0).astype(np.float32)
    bad = metres.copy()
    for column, value in zip(range(5, 25, 5), (np.nan, np.inf, -3.0, 0.0), strict=True):
        bad[100:104, column : column + 3] = value
    estimate = made_of(Prediction(bad, "metres"))
    np.testing.assert_allclose(estimate.depth[INSIDE], metres[INSIDE], rtol=0.1)
    spoilt = bad != metres
    assert (estimate.confidence[spoilt] == FILLED_CONFIDENCE).all()
    assert (estimate.confidence[~spoilt] > FILLED_CONFIDENCE).mean() > 0.99


def test_a_photo_of_sky_is_all_shell_and_a_blind_network_is_named():
    scene = layout(np.full(SIZE, SKY))
    estimate = made_of(Prediction(np.ones((8, 8), np.float32), "inverse"), scene)
    assert estimate.sky.all()
    with pytest.raises(LivescapeError) as caught:
        made_of(Prediction(np.full(SIZE, np.nan, np.float32), "metres"))
    assert caught.value.code == "depth_failed"


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match="like its layout"):
        learned_depth(here(), photo()[1:], layout(), K, lambda *_: None, "test")
    with pytest.raises(ValueError, match="intrinsics"):
        learned_depth(here(), photo(), layout(), K[:2], lambda *_: None, "test")
    with pytest.raises(ValueError, match="one \\[h, w\\]"):
        Prediction(np.ones((2, 2), np.float32), "metres", np.ones((2, 3), bool))
