import numpy as np
import pytest

from livescape.motion.auto import OPEN_WATER, SKY, auto_flow, plane_flow
from livescape.motion.river import bed_direction

HEIGHT, WIDTH, HORIZON = 180, 320, 90


def region(rows, columns=slice(None)):
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    mask[rows, columns] = 1
    return mask


def speed(flow, mask):
    return np.linalg.norm(flow, axis=-1)[mask > 0.5]


def test_clouds_drift_sideways_and_slow_down_toward_the_horizon():
    mask = region(slice(0, 80))
    flow = auto_flow(mask, HORIZON)
    lengths = np.linalg.norm(flow, axis=-1)
    assert speed(flow, mask).mean() == pytest.approx(0.9 * WIDTH / 640, rel=1e-3)
    assert np.abs(flow[:80, :, 0]).sum() > 3 * np.abs(flow[:80, :, 1]).sum()
    assert lengths[0].mean() > 1.5 * lengths[79].mean()
    assert lengths[79].mean() > 0.35 * lengths[0].mean()
    assert not flow[80:].any()


def test_plane_flow_is_what_a_moving_plane_looks_like():
    """With nothing kept at the horizon, the field is that of points on a plane, projected."""
    weight = region(slice(100, 180))
    motion = OPEN_WATER.__class__(right=-0.7, away=-0.4, speed=1.0, least=0.0)
    flow = plane_flow(weight, HORIZON, motion)
    focal, height, step = 0.9 * WIDTH, 1.0, 1e-5
    rows, columns = np.mgrid[100:180, :WIDTH] + 0.5
    z = focal * height / (rows - HORIZON)
    x = (columns - WIDTH / 2) * z / focal
    moved_z, moved_x = z - 0.4 * step, x - 0.7 * step
    u = focal * moved_x / moved_z + WIDTH / 2 - columns
    v = focal * height / moved_z + HORIZON - rows
    exact = np.stack((u, v), -1)
    scale = np.linalg.norm(flow[100:], axis=-1).sum() / np.linalg.norm(exact, axis=-1).sum()
    np.testing.assert_allclose(flow[100:], exact * scale, atol=2e-3 * np.abs(flow).max())


def test_a_lake_drifts_toward_the_viewers_left():
    mask = region(slice(100, 180))
    flow = auto_flow(mask, HORIZON)
    assert flow[100:, :, 0].mean() < 0 < flow[100:, :, 1].mean()
    assert 0.8 <= speed(flow, mask).mean() * 640 / WIDTH <= 1.5


def winding_river():
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    for row in range(100, 180):
        centre = 160 + 50 * np.sin((row - 100) / 18)
        mask[row, int(centre - 12) : int(centre + 12)] = 1
    return mask


def test_a_river_follows_its_bends_toward_the_viewer():
    mask = winding_river()
    flow = auto_flow(mask, HORIZON)
    assert (flow[..., 1][mask > 0] > 0).mean() > 0.95
    right, left = flow[108:120], flow[140:160]
    assert right[mask[108:120] > 0][:, 0].mean() > 0.2
    assert left[mask[140:160] > 0][:, 0].mean() < -0.2
    assert 0.8 <= speed(flow, mask).mean() * 640 / WIDTH <= 1.5


def test_bed_direction_is_a_unit_vector_along_a_straight_canal():
    mask = np.zeros((80, 120))
    mask[:, 50:60] = 1
    direction = bed_direction(mask)[5:75, 51:59]
    np.testing.assert_allclose(direction, np.broadcast_to((0.0, 1.0), direction.shape), atol=0.02)


def test_water_above_the_horizon_falls():
    mask = region(slice(20, 85), slice(150, 170))
    flow = auto_flow(mask, HORIZON, water=mask)
    assert not flow[..., 0].any()
    assert (flow[..., 1][mask > 0] > 0.5).all()


@pytest.mark.parametrize("horizon", [-300.0, 0.0, 90.0, 180.0, 900.0])
@pytest.mark.parametrize("rows", [slice(0, 180), slice(0, 1), slice(179, 180), slice(0, 0)])
def test_any_mask_and_horizon_give_finite_flow_within_the_mask(horizon, rows):
    mask = region(rows)
    flow = auto_flow(mask, horizon)
    assert np.isfinite(flow).all()
    assert not flow[mask == 0].any()
    assert np.abs(flow).max() < 8


def test_sky_and_water_by_probability_not_only_by_side():
    """A high lake lies above the estimated horizon; it is water all the same."""
    mask = region(slice(0, 180))
    sky, water = region(slice(0, 40)), region(slice(110, 180))
    flow = auto_flow(mask, 150, sky=sky, water=water)
    assert flow[:40, :, 0].mean() > 0
    assert SKY.right > 0 > OPEN_WATER.right
    assert flow[120:, :, 0].mean() <= 0


def test_every_body_of_water_is_announced():
    """A ragged mask has hundreds of bodies; each takes a pass over the picture."""
    mask = np.zeros((120, 160), np.float32)
    mask[80::4, ::4] = 1.0
    asked = []
    auto_flow(mask, 40.0, water=mask, proceed=lambda: asked.append(1))
    assert len(asked) == int(mask.sum())
