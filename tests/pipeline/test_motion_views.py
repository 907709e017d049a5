"""2D motion in every view: the photo's own, and what other cameras see of the cloud."""

from dataclasses import replace

import numpy as np
import pytest
from tests.contexts import here
from tests.motion_networks.support import full_motion_state, write_safetensors
from tests.points.support import camera, layer, layered, slanted_depth, turned

from livescape.cameras.projection import project_points
from livescape.context.environment import Checkpoints
from livescape.motion.per_view import PhotoMotionInputs, horizon_in, motion_views
from livescape.points.cloud import point_cloud
from livescape_shared.annotation import Annotation

HEIGHT, WIDTH = 48, 64
VIEW = camera(WIDTH, HEIGHT, 60.0)
NORMAL = (0.0, 0.5, 1.0)
DEPTH = slanted_depth(VIEW, NORMAL, 6.0)
MASK = np.zeros((HEIGHT, WIDTH), np.float32)
MASK[20:, 8:56] = 1.0
PHOTO = layered(layer(DEPTH, moving=MASK), view=VIEW)
CLOUD = point_cloud(PHOTO)
POINTS = CLOUD.points[CLOUD.moving > 0]
ATTRIBUTES = np.column_stack(
    [CLOUD.colors, CLOUD.moving, np.zeros(len(CLOUD)), CLOUD.moving]
).astype(np.float32)
OTHERS = [
    camera(WIDTH, HEIGHT, 60.0, turned(yaw, 0.0, (x, 0, 0))) for yaw, x in ((0, 0.4), (0.03, -0.3))
]


def inputs(**changed):
    given = PhotoMotionInputs(
        image=PHOTO.layers[0].image,
        mask=MASK,
        sky=np.zeros_like(MASK),
        water=MASK,
        depth=DEPTH,
        horizon_row=10.0,
        method="auto",
    )
    return replace(given, **changed)


def views(photo, cameras=OTHERS, points=POINTS, context=None):
    where = here() if context is None else context
    return motion_views(where, photo, CLOUD, ATTRIBUTES, points, [VIEW, *cameras])


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    path = tmp_path_factory.mktemp("net") / "m.safetensors"
    written = Checkpoints(motion=write_safetensors(path, full_motion_state()))
    return replace(here(), checkpoints=written)


def drawn(*lines, width=WIDTH, height=HEIGHT):
    return Annotation((), np.array(lines, np.float32).reshape(-1, 2, 2), width, height)


def test_a_network_looks_at_every_view_and_its_own_mask(network):
    photo = inputs(method="network", annotation=drawn([(30, 30), (40, 40)]))
    found = views(photo, context=network)
    assert [view.camera for view in found] == [VIEW, *OTHERS]
    for view in found:
        assert view.flow.shape == (HEIGHT, WIDTH, 2)
        assert not view.flow[view.confidence == 0].any()
        assert np.abs(view.flow).max() > 0
        # The mask has moved with the cloud: it covers where the moving points are.
        positions, _ = project_points(POINTS[view.visible], view.camera)
        u, v = positions.T
        assert (view.confidence[v.astype(int), u.astype(int)] > 0.5).mean() > 0.95
    assert found[0].visible.mean() > 0.99
    np.testing.assert_array_equal(found[0].confidence, MASK)


def test_a_guess_is_made_for_the_photo_alone():
    (found,) = views(inputs())
    assert found.camera is VIEW
    assert np.abs(found.flow).max() > 0


def test_water_is_guessed_in_metres_a_second():
    """Twice the depth halves what is seen of the same speed; half the frame rate doubles it.

    On open water: beside a shore twice as far away, waves are faster.
    """
    sky = np.zeros_like(MASK)
    sky[:10] = 1.0
    sea = inputs(sky=sky, water=1.0 - sky)
    (near,) = views(sea)
    (far,) = views(replace(sea, depth=2 * DEPTH))
    (slow,) = views(replace(sea, fps=12.0))
    np.testing.assert_allclose(near.flow, 2 * far.flow, atol=1e-6)
    np.testing.assert_allclose(slow.flow, 2 * near.flow, atol=1e-6)


def test_a_point_behind_another_is_not_visible():
    hidden = (2.0 * POINTS[:5]).astype(np.float32)
    points = np.concatenate([POINTS[:5], hidden])
    (found,) = views(inputs(), points=points)
    assert found.visible[:5].all()
    assert not found.visible[5:].any()


@pytest.mark.parametrize("method", ["hints", "auto"])
def test_hints_are_motion_along_the_photos_own_surfaces(method):
    """What other views show of it follows: they are not asked."""
    (found,) = views(inputs(method=method, annotation=drawn([(30, 30), (30, 42)])))
    # As drawn, but for the half pixel from where it was drawn to the centre of the pixel.
    np.testing.assert_allclose(found.flow[30, 30], [0.0, 0.24], atol=0.003)
    np.testing.assert_array_equal(found.confidence, MASK)
    assert found.visible.mean() > 0.99


def test_a_flow_that_nobody_asked_for_silences_no_view():
    flow = np.ones((HEIGHT, WIDTH, 2), np.float32)
    hinted = inputs(method="hints", annotation=drawn([(30, 30), (30, 42)]))
    for found, expected in zip(views(replace(hinted, flow=flow)), views(hinted), strict=True):
        np.testing.assert_array_equal(found.flow, expected.flow)


def test_hints_of_another_image_size_are_scaled():
    small = views(inputs(method="hints", annotation=drawn([(30, 30), (40, 30)])), [])
    large = drawn([(60, 60), (80, 60)], width=2 * WIDTH, height=2 * HEIGHT)
    np.testing.assert_allclose(
        views(inputs(method="hints", annotation=large), [])[0].flow, small[0].flow, atol=1e-6
    )


def test_a_view_that_no_hint_reaches_is_left_out(network):
    away = camera(WIDTH, HEIGHT, 60.0, turned(yaw=2.5))
    photo = inputs(method="network", annotation=drawn([(30, 30), (40, 30)]))
    found = views(photo, [away, OTHERS[0]], context=network)
    assert [view.camera for view in found] == [VIEW, OTHERS[0]]


def test_a_view_that_one_hint_does_not_reach_is_left_out(network):
    """It sees the other hint, which would move what the lost one is drawn on."""
    forward = camera(WIDTH, HEIGHT, 60.0, turned(position=(0.0, 0.0, 3.5)))
    both = drawn([(30, 22), (40, 22)], [(30, 45), (30, 40)])
    found = views(inputs(method="network", annotation=both), [forward, OTHERS[0]], context=network)
    assert [view.camera for view in found] == [VIEW, OTHERS[0]]
    one = drawn([(30, 22), (40, 22)])
    kept = views(inputs(method="network", annotation=one), [forward], context=network)
    assert [view.camera for view in kept] == [VIEW, forward]


@pytest.mark.parametrize("method", ["file", "auto"])
def test_a_flow_file_speaks_of_the_photo_alone(method):
    flow = np.zeros((HEIGHT // 2, WIDTH // 2, 2), np.float32) + np.array([0.5, 0.25], np.float32)
    (found,) = views(inputs(method=method, flow=flow))
    np.testing.assert_allclose(found.flow[30, 30], [1.0, 0.5], atol=1e-6)
    assert not found.flow[:20].any()


@pytest.mark.parametrize("pitch", [-0.3, 0.0, 0.2])
@pytest.mark.parametrize("row", [10.0, 24.0, 40.0])
def test_the_horizon_moves_with_pitch_and_not_with_place(pitch, row):
    elsewhere = camera(WIDTH, HEIGHT, 60.0, turned(0.0, pitch, (3.0, -1.0, 2.0)))
    below = np.arctan((row - 24.0) / 60.0)  # angle under the optical axis
    expected = 24.0 + 60.0 * np.tan(below - pitch)  # positive pitch looks down
    assert horizon_in(elsewhere, VIEW, row) == pytest.approx(expected, abs=1e-6)


def test_a_horizon_behind_the_camera_stays_where_it_was():
    behind = camera(WIDTH, HEIGHT, 60.0, turned(yaw=np.pi))
    assert horizon_in(behind, VIEW, 17.0) == 17.0
