"""The animation that 4D training sees: the photo's, and that of other views by the same motion."""

import numpy as np
import pytest
import torch
from tests.contexts import here
from tests.motion_networks.support import write_safetensors
from tests.pipeline.support import TINY
from tests.points.support import camera, layer, layered, slanted_depth, turned

from livescape.cameras.projection import project_points
from livescape.depth.types import DepthEstimate
from livescape.engine.threads import cpu_threads
from livescape.motion.animate import animate
from livescape.motion.network_animation import animate_with_network
from livescape.networks.architectures.slrsfs import SlrSfs
from livescape.networks.checkpoints import ANIMATOR
from livescape.points.assemble import MOVING_SURFACE, STATIC, SceneGaussians
from livescape.points.cloud import point_cloud
from livescape.stages import animate as animate_stage
from livescape.stages.animate import (
    FRAMES,
    OTHER_VIEWS,
    cloud_view,
    photo_view,
)
from livescape.stages.door import Inputs
from livescape.stages.layers import Geometry
from livescape_shared.errors import Cancelled, LivescapeError

HEIGHT, WIDTH, LOOP = 48, 64, 24
VIEW = camera(WIDTH, HEIGHT, 60.0)
ASIDE = camera(WIDTH, HEIGHT, 60.0, turned(0.05, 0.0, (0.5, 0, 0)))
DEPTH = slanted_depth(VIEW, (0.0, 0.5, 1.0), 6.0)
MASK = np.zeros((HEIGHT, WIDTH), np.float32)
MASK[16:, 6:58] = 1.0
PHOTO = layered(layer(DEPTH, moving=MASK), view=VIEW)
CLOUD = point_cloud(PHOTO)
IMAGE = PHOTO.layers[0].image
MOTION = np.where((CLOUD.moving > 0)[:, None], [0.05, 0.0, 0.0], 0.0).astype(np.float32)
SETTINGS = TINY.changed(loop_frames=LOOP)


def inputs(**settings):
    path = (VIEW, *(camera(WIDTH, HEIGHT, 60.0, turned(0, 0, (x, 0, 0))) for x in (0.2, 0.4)))
    return Inputs(
        identity="",
        settings=SETTINGS.changed(**settings),
        image=IMAGE,
        camera=VIEW,
        path=path,
        start_frame=1,
        fps=24.0,
        depth_map=None,
        mask=None,
        annotation=None,
        flow=None,
        clip=None,
        text=np.zeros((HEIGHT, WIDTH), bool),
    )


def geometry():
    depth = DepthEstimate(DEPTH, np.zeros_like(MASK, bool), np.ones_like(MASK), 10.0, "file")
    return Geometry(None, depth, MASK, PHOTO, CLOUD)


def frames(**settings):
    return animated(here(), **settings)


def animated(context, **settings):
    return animation(context, **settings).frames


def animation(context, **settings):
    fitted = SceneGaussians(None, np.array([STATIC, MOVING_SURFACE], np.uint8))
    return animate_stage.run(context, inputs(**settings), geometry(), fitted, MOTION)


def test_the_photo_s_view_moves_as_its_points_are_projected():
    view = photo_view(inputs(), geometry(), MOTION)
    before, _ = project_points(CLOUD.points, VIEW)
    after, _ = project_points(CLOUD.points + MOTION, VIEW)
    columns, rows = (CLOUD.pixels - PHOTO.margins.corner).T
    np.testing.assert_allclose(view.flow[rows, columns], after - before, atol=1e-5)
    assert not view.flow[MASK == 0].any()
    np.testing.assert_array_equal(view.image, IMAGE)


def test_another_view_of_the_same_place_is_the_photo_s_own():
    own, seen = photo_view(inputs(), geometry(), MOTION), cloud_view(CLOUD, MOTION, VIEW)
    np.testing.assert_allclose(seen.image, own.image, atol=1e-6)
    np.testing.assert_allclose(seen.flow, own.flow, atol=1e-5)
    np.testing.assert_array_equal(seen.mask, own.mask)
    np.testing.assert_array_equal(seen.weight, own.weight)


def test_a_view_from_aside_moves_by_the_same_points():
    seen = cloud_view(CLOUD, MOTION, ASIDE)
    before, _ = project_points(CLOUD.points, ASIDE)
    after, _ = project_points(CLOUD.points + MOTION, ASIDE)
    column, row = np.floor(before).astype(int).T
    inside = (column >= 2) & (column < WIDTH - 2) & (row >= 2) & (row < HEIGHT - 2)
    inside &= CLOUD.moving > 0
    told = seen.weight[row[inside], column[inside]] > 0
    assert told.mean() > 0.95
    found = seen.flow[row[inside], column[inside]][told]
    assert np.median(np.abs(found - (after - before)[inside][told])) < 0.02


def test_what_the_photo_does_not_show_moves_along_and_does_not_count():
    unseen = CLOUD.seen.copy()
    hidden = (CLOUD.moving > 0) & (CLOUD.pixels[:, 0] > 40 + PHOTO.margins.left)
    unseen[hidden] = False
    cloud = type(CLOUD)(**{**vars(CLOUD), "seen": unseen})
    motion = np.where(hidden[:, None], 0.0, MOTION).astype(np.float32)
    seen = cloud_view(cloud, motion, VIEW)
    whole = cloud_view(CLOUD, MOTION, VIEW)
    region = (MASK > 0) & (np.arange(WIDTH) > 41)
    assert not seen.weight[region].any()
    np.testing.assert_array_equal(seen.mask, whole.mask)
    assert np.abs(seen.flow[region, 0]).min() > 0.3 * np.median(whole.flow[region, 0])


@pytest.mark.parametrize("loop", ["off", "on"])
def test_the_centre_is_the_photo_and_what_becomes_of_it(loop):
    whole = animation(here(), loop=loop)
    found, moments = whole.frames, whole.photo.moments
    assert (moments is not None) == (loop == "on")
    assert [frame.camera for frame in found] == [VIEW] * (FRAMES + 1)
    assert found[0].t == 0.0
    np.testing.assert_array_equal(found[0].image, IMAGE)
    view = photo_view(inputs(), geometry(), MOTION)
    numbers = [round(frame.t * LOOP) for frame in found[1:]]
    images = animate(IMAGE, view.flow, MASK, numbers, LOOP, moments=moments)
    for frame, image in zip(found[1:], images, strict=True):
        np.testing.assert_allclose(frame.image, image, atol=1e-5)  # on a GPU sums differ
        np.testing.assert_array_equal(frame.mask, MASK)


def test_all_views_share_the_moments_among_them():
    found = frames(animated_views="all", views=5)
    others = found[FRAMES + 1 :]
    assert sorted(frame.t for frame in others) == [frame.t for frame in found[1 : FRAMES + 1]]
    places = {tuple(frame.camera.position) for frame in others}
    assert 2 <= len(places) <= OTHER_VIEWS
    assert tuple(VIEW.position) not in places
    for frame in others:
        assert (frame.mask > 0).any()
        assert np.isfinite(frame.image).all()


@pytest.mark.parametrize("loop_frames", [2, 3])
def test_the_shortest_loops_have_a_frame_in_between(loop_frames):
    found = frames(loop_frames=loop_frames, animated_views="all", views=5)
    assert all(0.0 < frame.t < 1.0 for frame in found[1:])
    assert len(found) > 1


def test_in_a_loop_every_view_hands_over_when_the_photo_s_does():
    own = animation(here(), loop="on").photo
    changes = animate_stage.cloud_moments(geometry(), own)
    seen = cloud_view(CLOUD, MOTION, VIEW, changes)
    inside = own.mask > 0
    np.testing.assert_allclose(seen.moments[inside], own.moments[inside], atol=1e-5)


def test_without_training_nothing_is_animated():
    assert frames(deform_iterations=0) == ()


def test_it_may_be_stopped_between_views():
    with pytest.raises(Cancelled):
        animated(here(cancelled=lambda: True))


def test_where_nothing_moves_nothing_is_animated():
    fitted = SceneGaussians(None, np.array([STATIC], np.uint8))
    still = animate_stage.run(here(), inputs(), geometry(), fitted, np.zeros_like(MOTION))
    assert still.frames == ()
    np.testing.assert_array_equal(still.photo.image, IMAGE)


@pytest.fixture
def checkpoint(monkeypatch, tmp_path):
    torch.manual_seed(0)
    path = write_safetensors(tmp_path / "animator.safetensors", SlrSfs().state_dict())
    monkeypatch.setenv(ANIMATOR.variable, str(path))
    return path


def test_the_network_animates_every_view(checkpoint):
    with cpu_threads():  # bound: the pictures are small
        found = frames(animator="network", animated_views="all", views=3, loop_frames=2)
        view = photo_view(inputs(), geometry(), MOTION)
        (expected,) = animate_with_network(IMAGE, view.flow, [1], 2, checkpoint, mask=MASK)
    assert [frame.t for frame in found] == [0.0, 0.5, 0.5]
    np.testing.assert_array_equal(found[0].image, IMAGE)  # the photo, not the network's picture
    np.testing.assert_array_equal(found[1].image, expected)
    assert found[2].camera is not VIEW
    splat = frames(loop_frames=2)
    assert np.abs(found[1].image - splat[1].image)[MASK > 0].max() > 0.01


def test_the_network_animator_asks_for_its_checkpoint(monkeypatch):
    monkeypatch.delenv(ANIMATOR.variable, raising=False)
    with pytest.raises(LivescapeError) as caught:
        frames(animator="network")
    assert caught.value.code == "checkpoint_missing"
