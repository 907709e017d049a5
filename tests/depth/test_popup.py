"""Pop-up depth on drawn scenes, where the truth is known, and on real photographs."""

import functools
from dataclasses import replace

import numpy as np
import pytest
from tests.contexts import here
from tests.data.files import load_photo
from tests.layout.photos import intrinsics, layout_of

from livescape.depth.depth_estimators import DEPTH_ESTIMATORS, DepthInputs, estimate_depth
from livescape.depth.plane import GroundPlane
from livescape.depth.popup import FAR_OPEN, NEAR, extend, ground_plane, popup_depth
from livescape.depth.shell import SKY_ALONE, SKY_BEHIND, sky_depth
from livescape.layout.types import GROUND, RELIEF, SKY, UPRIGHT, WATER, SceneLayout
from livescape.networks.registry import MODELS
from livescape_shared.errors import LivescapeError
from livescape_shared.settings import DEPTHS

PHOTOS = (
    "chenonceau_river",
    "creek_cascade",
    "eilean_donan",
    "golden_temple",
    "great_wall",
    "picos_clouds",
    "mont_st_michel",
)
"""Water, no sky, a building, a reflection, a slope, a summit and a far sea."""

SIZE = (160, 240)
HORIZON = 70.0


def drawn(*boxes, horizon=HORIZON):
    """Return a layout and an image of water below sky with boxes (label, rows, columns, grey)."""
    labels = np.full(SIZE, SKY)
    labels[int(horizon) :] = WATER
    image = np.full((*SIZE, 3), 0.8, np.float32)
    image[int(horizon) :] = (0.1, 0.2, 0.4)
    for label, rows, columns, grey in boxes:
        labels[slice(*rows), slice(*columns)] = label
        image[slice(*rows), slice(*columns)] = grey
    probabilities = np.where(np.arange(5)[:, None, None] == labels, 0.96, 0.01)
    return image, SceneLayout(
        probabilities.astype(np.float32), horizon, *np.zeros((3, *SIZE), np.float32)
    )


@functools.cache
def depth_of(name):
    """Pop-up depth of a photograph, as the pipeline asks for it."""
    image = load_photo(name)
    return estimate_depth(here(), DepthInputs(image, intrinsics(image), layout_of(name)), "popup")


def popped(*boxes, horizon=HORIZON):
    image, layout = drawn(*boxes, horizon=horizon)
    return popup_depth(image, layout, intrinsics(image))


def test_water_is_a_plane_below_the_camera():
    estimate = popped()
    rows = np.arange(80, 160)
    inverse = 1.0 / estimate.depth[80:, 100].astype(np.float64)
    fit = np.polyfit(rows, inverse, 1)
    np.testing.assert_allclose(inverse, np.polyval(fit, rows), rtol=1e-4)
    # In three dimensions: n . X = d with one n, through the horizon and below the camera.
    K = intrinsics(load_shape())
    rays = np.linalg.inv(K) @ np.array([[20.5, 200.5, 120.5], [90.5, 100.5, 150.5], [1, 1, 1]])
    depth = estimate.depth[[90, 100, 150], [20, 200, 120]]
    normal = np.linalg.solve((rays * depth).T, np.ones(3))
    assert normal[1] > 0.0
    assert abs(normal[0]) < 1e-6 * np.linalg.norm(normal) + 1e-9


def load_shape():
    return np.zeros((*SIZE, 3), np.float32)


def test_a_castle_stands_on_its_foot_in_one_piece():
    estimate = popped((UPRIGHT, (40, 100), (80, 160), 0.5))
    castle = estimate.depth[42:98, 84:156]
    foot = estimate.depth[101, 120]
    np.testing.assert_allclose(castle, foot, rtol=0.1)
    assert castle.max() / castle.min() < 1.1
    # It hides what is behind it: a step, not a slope, between castle and far water.
    assert estimate.depth[80, 70] > 1.5 * estimate.depth[80, 84]


def test_an_ornate_spire_stands_on_its_tower():
    """Stripes cut it into as many pieces as it has; the ground far below does not bend it."""
    stripes = [
        (UPRIGHT, (row, row + 2), (118, 122), 0.1 + 0.6 * (row % 4 == 0))
        for row in range(20, 44, 2)
    ]
    found = popped(
        (GROUND, (120, 160), (0, 240), 0.3), (UPRIGHT, (44, 90), (90, 150), 0.5), *stripes
    )
    tower, spire = found.depth[60:80, 120], found.depth[22:42, 120]
    assert not found.sky[24:42, 120].any()
    np.testing.assert_allclose(spire, np.median(tower), rtol=0.04)


def test_a_ragged_foot_leaves_no_streaks():
    rng = np.random.default_rng(0)
    boxes = [(UPRIGHT, (40, 110), (60, 180), 0.5)]
    boxes += [
        (WATER, (110 - int(rng.integers(0, 8)), 110), (c, c + 1), 0.3) for c in range(60, 180)
    ]
    wall = popped(*boxes).depth[45:95, 65:175]
    steps = np.abs(np.diff(np.log(wall), axis=1))
    assert steps.max() < 0.02


def test_nearer_feet_are_nearer_and_edges_between_things_are_kept():
    estimate = popped(
        (UPRIGHT, (50, 90), (20, 200), 0.7),
        (UPRIGHT, (60, 130), (90, 130), 0.2),
    )
    assert estimate.depth[70, 110] < 0.75 * estimate.depth[70, 40]


def test_terrain_recedes_as_it_rises():
    estimate = popped((RELIEF, (20, 72), (0, 240), 0.4))
    column = estimate.depth[22:70, 120]
    assert (np.diff(column) <= 1e-3).all()
    assert column[0] > column[-1]


def test_an_island_starts_at_its_shore():
    estimate = popped((GROUND, (85, 100), (60, 180), 0.5), (UPRIGHT, (50, 85), (90, 150), 0.6))
    shore = estimate.depth[101, 120]
    assert estimate.depth[99, 120] == pytest.approx(shore, rel=0.1)
    assert estimate.depth[60, 120] < 2.0 * shore
    # Behind it the water at the same height in the image is much farther.
    assert estimate.depth[86, 20] > estimate.depth[86, 120]


def test_foliage_that_hangs_into_the_frame_is_near():
    estimate = popped((UPRIGHT, (0, 30), (0, 60), 0.1))
    assert estimate.depth[10, 20] < 0.2 * FAR_OPEN


def test_sky_is_far_behind_everything():
    estimate = popped((UPRIGHT, (40, 100), (80, 160), 0.5))
    shell = np.unique(estimate.depth[estimate.sky])
    assert len(shell) == 1
    assert shell[0] >= SKY_BEHIND * estimate.depth[~estimate.sky].max()


def test_nothing_but_clouds_is_a_shell():
    image, layout = drawn(horizon=160)
    estimate = popup_depth(image, replace(layout, horizon_row=176.0), intrinsics(image))
    assert estimate.sky.all()
    np.testing.assert_array_equal(estimate.depth, np.float32(SKY_ALONE))


def test_a_summit_seen_from_above_is_smooth():
    estimate = popped((RELIEF, (30, 160), (0, 240), 0.4))
    steps = np.abs(np.diff(np.log(estimate.depth[32:]), axis=0))
    assert steps.max() < 0.2
    assert estimate.depth[150].mean() < estimate.depth[40].mean()


def test_the_camera_is_lower_on_ground_than_on_a_lookout():
    image, water = drawn()
    _, meadow = drawn((GROUND, (70, 160), (0, 240), 0.3))
    _, forest = drawn((UPRIGHT, (70, 160), (0, 240), 0.3))
    K = intrinsics(image)
    scales = [ground_plane(layout, K).scale for layout in (meadow, water, forest)]
    assert scales[0] < scales[1] < scales[2]


def test_plane_depth_agrees_with_geometry():
    K = np.array([[500.0, 0, 320], [0, 500.0, 240], [0, 0, 1]])
    plane = GroundPlane.from_camera(K, horizon_row=140.0, camera_height=2.0, far=1e9)
    pitch = np.arctan2(240.0 - 140.0, 500.0)  # the horizon is above the centre: looking down
    row = 400.5
    y = (row - 240.0) / 500.0
    down, forward = np.cos(pitch), np.sin(pitch)
    expected = 2.0 / (y * down + forward)
    assert plane.depth_at(np.array([row]))[0] == pytest.approx(expected, rel=1e-6)


def test_extend_fills_from_what_is_known():
    values = np.zeros((33, 47), np.float32)
    known = np.zeros((33, 47), bool)
    known[5:9, 7:20], values[5:9, 7:20] = True, 3.0
    filled = extend(values, known)
    np.testing.assert_allclose(filled, 3.0, rtol=1e-5)
    np.testing.assert_array_equal(filled[known], values[known])


def test_sky_depth_of_a_far_scene_stays_behind_it():
    depth = np.full((4, 4), 9000.0, np.float32)
    assert sky_depth(depth, np.zeros((4, 4), bool)) == pytest.approx(18000.0)


@pytest.mark.parametrize("name", PHOTOS)
def test_real_photographs_give_usable_depth(name):
    estimate = depth_of(name)
    solid = estimate.depth[~estimate.sky]
    assert estimate.source == "popup"
    assert NEAR <= solid.min()
    assert solid.max() <= FAR_OPEN
    assert 5.0 < np.median(solid) < 200.0
    assert ((estimate.confidence >= 0.0) & (estimate.confidence <= 1.0)).all()
    # Most of a photograph is surface, not edge: neighbours differ by a few percent.
    steps = np.abs(np.diff(np.log(estimate.depth), axis=1))
    assert np.quantile(steps, 0.97) < 0.05


@pytest.mark.parametrize("name", ["eilean_donan", "golden_temple", "chenonceau_river"])
def test_water_recedes_toward_the_horizon(name):
    depth = depth_of(name).depth
    water = layout_of(name).labels == WATER
    both = water[:-1] & water[1:]
    assert both.sum() > 1000
    assert (depth[:-1][both] > depth[1:][both]).all()


def test_the_castle_by_the_loch_is_one_surface_before_its_mountains():
    depth = depth_of("eilean_donan").depth
    height, width = depth.shape
    castle = depth[int(0.38 * height) : int(0.56 * height), int(0.5 * width) : int(0.64 * width)]
    mountain = depth[int(0.3 * height) : int(0.4 * height), int(0.8 * width) : int(0.95 * width)]
    assert castle.max() / castle.min() < 1.5
    assert mountain.min() > 2.0 * castle.max()


def test_unknown_estimators_and_missing_files_are_named():
    image, layout = drawn()
    with pytest.raises(ValueError, match="not 'x'"):
        estimate_depth(here(), DepthInputs(image, intrinsics(image), layout), "x")
    with pytest.raises(LivescapeError) as caught:
        estimate_depth(here(), DepthInputs(image, intrinsics(image), layout), "file")
    assert caught.value.code == "depth_file_missing"


def test_every_estimator_describes_itself():
    for name, estimator in DEPTH_ESTIMATORS.items():
        assert estimator.name == name
        assert estimator.description
    assert set(DEPTH_ESTIMATORS) == set(DEPTHS)
    assert {card.name for card in MODELS.values() if card.stage == "depth"} < set(DEPTHS)


def test_shapes_that_do_not_fit_are_named():
    image, layout = drawn()
    with pytest.raises(ValueError, match="like its layout"):
        popup_depth(image[1:], layout, intrinsics(image))
    with pytest.raises(ValueError, match=r"\(4, 4\)"):
        popup_depth(image, layout, np.eye(4))


def test_the_height_of_the_camera_is_a_mean_of_factors():
    """Half ground, half neither at one's feet: between 1.7 m and 10 m is 4.1 m, not 5.9 m."""
    image, layout = drawn((GROUND, (60, 160), (0, 120), 0.5), (UPRIGHT, (60, 160), (120, 240), 0.5))
    K = intrinsics(image)
    plane = ground_plane(layout, K)
    height = plane.scale / np.hypot(K[1, 1], layout.horizon_row - K[1, 2])
    assert height == pytest.approx(np.sqrt(1.7 * 10.0), rel=0.05)
