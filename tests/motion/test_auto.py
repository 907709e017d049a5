"""The guess: directions of clouds, waves, rivers and falls, and how fast."""

import math
from dataclasses import replace

import numpy as np
import pytest

from livescape.motion import speeds
from livescape.motion.auto import Setting, auto_flow
from livescape.motion.river import across_bed, bed_direction, riverness
from livescape.motion.shore import fetch

HEIGHT, WIDTH, HORIZON = 180, 320, 90
FOCAL = 290.0


def region(rows, columns=slice(None)):
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    mask[rows, columns] = 1
    return mask


def speed(flow, mask):
    return np.linalg.norm(flow, axis=-1)[mask > 0.5]


def plane(camera_height):
    """Depth of water so far below the camera."""
    below = np.maximum(np.arange(HEIGHT) + 0.5 - HORIZON, 0.5)
    return np.broadcast_to((camera_height * FOCAL / below)[:, None], (HEIGHT, WIDTH))


def on_plane(camera_height=2.0, **changed):
    return Setting(HORIZON, depth=plane(camera_height), focal=FOCAL, **changed)


def metres(flow, camera_height=2.0):
    """Return [H, W, 2] metres a frame to the right and towards the viewer of water's flow."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    z = camera_height * FOCAL / np.maximum(rows - HORIZON, 0.5)
    x = (columns - WIDTH / 2) * z / FOCAL
    moved_z = camera_height * FOCAL / np.maximum(rows + flow[..., 1] - HORIZON, 0.5)
    moved_x = (columns + flow[..., 0] - WIDTH / 2) * moved_z / FOCAL
    return np.stack((moved_x - x, z - moved_z), -1)


def test_clouds_drift_sideways_and_slow_down_toward_the_horizon():
    mask = region(slice(0, 80))
    flow = auto_flow(mask, Setting(HORIZON))
    lengths = np.linalg.norm(flow, axis=-1)
    pace = speeds.CLOUDS.cautious * WIDTH / 24
    assert speed(flow, mask).mean() == pytest.approx(pace, rel=1e-3)
    assert np.abs(flow[:80, :, 0]).sum() > 3 * np.abs(flow[:80, :, 1]).sum()
    assert lengths[0].mean() > 1.5 * lengths[79].mean()
    assert lengths[79].mean() > 0.35 * lengths[0].mean()
    assert not flow[80:].any()


def test_waves_come_to_the_viewer_at_one_speed_on_the_water():
    mask = region(slice(100, 180))
    flow = auto_flow(mask, on_plane())
    world = metres(flow)[105:]
    np.testing.assert_allclose(world[..., 0], 0.0, atol=2e-4)
    np.testing.assert_allclose(world[..., 1], speeds.OPEN_WATER.cautious / 24, rtol=0.02)


def between_shores(far, near, camera_height=2.0):
    """Water from row ``far`` to ``near``, all of the rest below the horizon land."""
    mask = region(slice(far, near))
    sky = region(slice(0, HORIZON))
    return mask, auto_flow(mask, on_plane(camera_height, sky=sky, water=mask))


def test_waves_are_slow_between_two_banks_and_grow_on_their_way_to_the_viewer():
    pond, on_pond = between_shores(110, 160)
    _, at_sea = between_shores(HORIZON, 160)
    slower = np.median(speed(on_pond, pond)) / np.median(speed(at_sea, pond))
    assert 0.15 < slower < 0.6
    row = 130  # far from both banks: as long as waves have had to grow
    metres_from_bank = 2.0 * FOCAL * (1 / (110 - HORIZON) - 1 / (row + 0.5 - HORIZON))
    share = np.cbrt(metres_from_bank / fetch(speeds.OPEN_WATER.median))
    own, whole = (np.linalg.norm(flow[row, 160]) for flow in (on_pond, at_sea))
    assert own / whole == pytest.approx(share, rel=0.1)


def test_a_shore_goes_on_beyond_the_upper_edge_of_the_picture():
    """As surely as it is wide: nothing tells whether water that the edge cuts off is open."""
    horizon = -60  # the camera looks down, and sees no sky
    depth = 2.0 * FOCAL / (np.arange(HEIGHT) + 0.5 - horizon)
    setting = Setting(horizon, depth=np.broadcast_to(depth[:, None], (HEIGHT, WIDTH)), focal=FOCAL)

    def share(columns):
        """Speeds as shares of those of open water, where a bank lies above all but columns."""
        water = region(slice(40, 180)) + region(slice(0, 40), columns)
        known = replace(setting, sky=np.zeros_like(water), water=water)
        flows = [auto_flow(water, place) for place in (known, setting)]
        return np.divide(*(np.linalg.norm(flow[120], axis=-1) for flow in flows))

    narrow, half = share(slice(0, 64)), share(slice(0, 160))
    bank = np.median(narrow[160:])
    assert bank < 0.8
    assert narrow[20] == pytest.approx(0.8 * bank + 0.2, rel=0.05)
    assert half[20] == pytest.approx(0.5 * bank + 0.5, rel=0.05)
    np.testing.assert_allclose(share(slice(0, 320)), 1.0, atol=1e-3)


def test_waves_slow_down_where_they_come_to_the_shore():
    _, at_sea = between_shores(HORIZON, 160)
    lengths = np.linalg.norm(at_sea[:160, 160], axis=-1) / (np.arange(160) + 0.5 - HORIZON) ** 2
    assert lengths[159] < 0.6 * lengths[120]
    assert lengths[120] == pytest.approx(lengths[110], rel=0.05)


def test_no_post_is_a_shore():
    """Nor does what stands in the way of the waves hold them up."""
    sky, water = region(slice(0, HORIZON)), region(slice(HORIZON, HEIGHT))
    mask = water.copy()
    posts = np.zeros_like(mask, dtype=bool)
    posts[80:150, 100:104] = posts[80:130, 200:203] = True
    mask[posts] = 0
    whole = auto_flow(mask, on_plane(sky=sky, water=water))
    cut = auto_flow(mask, on_plane(sky=np.where(posts, 0, sky), water=np.where(posts, 0, water)))
    np.testing.assert_allclose(cut, whole, atol=1e-6)


def test_a_prior_is_slower_the_less_is_known_and_never_beyond_its_lower_quartile():
    def cautious(spread, certainty):
        return speeds.SpeedPrior(2.0, spread, certainty).cautious

    assert cautious(0.0, 1.0) == 2.0
    assert cautious(0.5, 1.0) > cautious(1.0, 1.0) > cautious(1.0, 0.5) > 0
    sample = 2.0 * np.exp(0.7 * np.random.default_rng(0).normal(size=20_000))
    assert (sample > cautious(0.7, 1.0)).mean() == pytest.approx(0.75, abs=0.01)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99, 2.0])
def test_an_unknown_direction_costs_nothing_in_the_mean_unless_it_is_too_fast(share):
    """What the rule for speeds rests on: the mean of log |u - v|^2 / |v|^2 over all directions."""
    angle = (np.arange(4096) + 0.5) * 2 * math.pi / 4096
    error = 10 * np.log10(np.abs(1 - share * np.exp(1j * angle)) ** 2)
    assert error.mean() == pytest.approx(max(0.0, 20 * math.log10(share)), abs=0.01)


def winding_river(rows=range(100, 180), swing=50):
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    for row in rows:
        centre = 160 + swing * np.sin((row - 100) / 18)
        wide = 0.25 * (row - HORIZON)
        mask[row, int(centre - wide) : int(centre + wide)] = 1
    return mask


def test_a_river_follows_its_bends_toward_the_viewer_in_metres_a_second():
    mask = winding_river()
    flow = auto_flow(mask, on_plane())
    assert (flow[..., 1][mask > 0] > 0).mean() > 0.95
    right, left = flow[108:120], flow[140:160]
    assert right[mask[108:120] > 0][:, 0].mean() > 0
    assert left[mask[140:160] > 0][:, 0].mean() < 0
    world = np.linalg.norm(metres(flow), axis=-1)[mask > 0] * 24
    assert world.max() == pytest.approx(speeds.RIVER.cautious, rel=0.1)  # in its middle


def test_rivers_are_long_for_their_width_on_the_plane_and_lakes_are_not():
    lake = region(slice(95, 180))
    pond = region(slice(100, 140), slice(20, 300))
    assert riverness(winding_river() > 0, HORIZON, FOCAL) == 1.0
    assert riverness(lake > 0, HORIZON, FOCAL) == 0.0
    assert riverness(pond > 0, HORIZON, FOCAL) < 0.5


def test_a_river_that_crosses_the_picture_runs_from_side_to_side():
    mask = region(slice(120, 132))
    assert riverness(mask > 0, HORIZON, FOCAL) == 1.0
    flow = auto_flow(mask, on_plane())[mask > 0]
    assert np.abs(flow[:, 0]).mean() > 5 * np.abs(flow[:, 1]).mean()


def test_water_that_leaves_the_picture_at_a_side_runs_there():
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    mask[100:160, 150:170] = 1
    mask[140:160, :170] = 1
    direction = bed_direction(mask > 0)
    assert direction[110:130, 155:165, 1].min() > 0.9
    assert direction[145:155, 20:120, 0].max() < -0.9


def test_bed_direction_is_a_unit_vector_along_a_straight_canal():
    mask = np.zeros((80, 120), bool)
    mask[:, 50:60] = True
    direction = bed_direction(mask)[5:75, 51:59]
    np.testing.assert_allclose(direction, np.broadcast_to((0.0, 1.0), direction.shape), atol=0.02)


def test_water_above_the_horizon_falls():
    mask = region(slice(20, 85), slice(150, 170))
    flow = auto_flow(mask, Setting(HORIZON, water=mask))
    assert np.abs(flow[..., 0]).max() < 1e-3
    assert (flow[..., 1][mask > 0] > 0.1).all()


def test_a_fall_gathers_speed_and_its_pool_runs_on():
    falls, pool = region(slice(20, 110), slice(150, 190)), region(slice(110, 180), slice(60, 280))
    water = np.maximum(falls, pool)
    depth = np.where(falls > 0, plane(2.0)[110], plane(2.0))
    setting = Setting(HORIZON, water=water, falls=falls, depth=depth, focal=FOCAL)
    flow = auto_flow(water, setting)
    drop = flow[20:108, 155:185, 1].mean(axis=1)
    assert (np.diff(drop) > 0).all()
    assert drop[-1] > 1.5 * drop[0] > 0
    assert flow[120:175, 100:240, 1].mean() > 0
    assert drop.mean() > 3 * flow[120:175, 100:240, 1].mean()


@pytest.mark.parametrize("horizon", [-300.0, 0.0, 90.0, 180.0, 900.0])
@pytest.mark.parametrize("rows", [slice(0, 180), slice(0, 1), slice(179, 180), slice(0, 0)])
def test_any_mask_and_horizon_give_finite_flow_within_the_mask(horizon, rows):
    mask = region(rows)
    for setting in (
        Setting(horizon),
        Setting(horizon, water=mask, falls=mask, depth=np.full(mask.shape, np.inf)),
    ):
        flow = auto_flow(mask, setting)
        assert np.isfinite(flow).all()
        assert not flow[mask == 0].any()
        assert np.abs(flow).max() < 8


def test_sky_and_water_by_probability_not_only_by_side():
    """A high lake lies above the estimated horizon; it is water all the same."""
    mask = region(slice(0, 180))
    sky, water = region(slice(0, 40)), region(slice(110, 180))
    flow = auto_flow(mask, Setting(150, sky=sky, water=water))
    assert (flow[:40, :, 0] < 0).all()
    assert not (flow[160:, :, 0] < 0).all()


def test_what_may_well_stand_is_moved_less():
    sure, unsure = region(slice(100, 180)), 0.25 * region(slice(100, 180))
    flow = auto_flow(sure, on_plane())
    np.testing.assert_allclose(auto_flow(unsure, on_plane()), 0.25 * flow, rtol=1e-5)


def test_every_body_of_water_is_announced():
    """A ragged mask has hundreds of bodies; each takes a pass over the picture."""
    mask = np.zeros((120, 160), np.float32)
    mask[80::4, ::4] = 1.0
    asked = []
    auto_flow(mask, Setting(40.0, water=mask), lambda: asked.append(1))
    assert len(asked) == int(mask.sum())


def test_a_river_is_fastest_in_its_middle_and_stands_at_its_banks_near_and_far():
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    away = np.abs(columns - WIDTH / 2) / np.maximum(rows - HORIZON, 1e-6)
    inside = (rows > HORIZON + 10) & (away < 1.0)
    share = across_bed(inside, HORIZON)
    for row in (HORIZON + 30, HORIZON + 70):
        across = share[row, inside[row]]
        assert across.max() > 0.95
        assert max(across[0], across[-1]) < 0.15
        assert across[len(across) // 4] == pytest.approx(0.75, abs=0.15)


def test_a_river_that_fills_the_picture_has_no_banks():
    assert (across_bed(np.ones((40, 60), bool), -5.0) == 1.0).all()
    half = np.zeros((40, 60), bool)
    half[:, 20:] = True
    share = across_bed(half, -500.0)
    assert share[:, 20].max() < 0.1
    assert share[:, -1].min() > 0.9


def test_water_whose_picture_may_stand_is_moved_less_and_clouds_are_not():
    mask = np.ones((HEIGHT, WIDTH), np.float32)
    sky = region(slice(0, 80))
    sure = on_plane(sky=sky, water=1.0 - sky, flows=np.ones_like(mask))
    unsure = on_plane(sky=sky, water=1.0 - sky, flows=np.full_like(mask, 0.25))
    whole, part = auto_flow(mask, sure), auto_flow(mask, unsure)
    np.testing.assert_allclose(part[:80], whole[:80], rtol=1e-5)
    np.testing.assert_allclose(part[100:150], 0.25 * whole[100:150], rtol=1e-4, atol=1e-6)
