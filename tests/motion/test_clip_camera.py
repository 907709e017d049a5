"""A moving camera is taken out of a clip; a standing one is not mistaken for it."""

import cv2
import numpy as np
import pytest
from tests.motion.moving_camera import HEIGHT, WIDTH, K, filmed, pose, poses, truth

from livescape.imaging.video import Clip
from livescape.motion.bundle import adjusted, seen
from livescape.motion.clip_camera import CameraMotion, camera_motion, held_by_what_is_far
from livescape.motion.clip_rest import at_rest_against
from livescape.motion.clip_surroundings import Surroundings
from livescape.motion.corner_tracks import Tracks, tracked
from livescape.motion.dense_flow import grey
from livescape.motion.steady import UNSOLVED
from livescape.motion.video import clip_motion

FLOW, DEPTH, WATER = truth()
INNER = cv2.erode(WATER.astype(np.uint8), np.ones((9, 9))) > 0
Y, X = np.indices(DEPTH.shape)
ROUGH = np.where(WATER, DEPTH, DEPTH * (1 + 0.4 * np.sin(X / 40) * np.cos(Y / 30)))

MOVES = {
    "pan": {"turn": (0, 6, 0)},
    "dolly": {"way": (-0.5, 0, 0)},
    "walk": {"turn": (0, 4, 1), "way": (-0.3, 0.03, -0.6), "shake": 0.05},
}


def around(depth=DEPTH, stands=~WATER):
    return Surroundings(depth.astype(np.float32), stands, K)


def error(motion):
    return np.median(np.linalg.norm(motion.flow - FLOW, axis=-1)[INNER])


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("depth", [DEPTH, 3 * DEPTH, ROUGH], ids=["true", "scaled", "rough"])
def test_water_flows_as_before_a_standing_camera_and_the_walls_stand(move, depth):
    clip = Clip(filmed(poses(**MOVES[move])), 24.0)
    motion = clip_motion(clip, around(depth))
    assert not motion.remark
    assert error(motion) < 0.2  # 0.1 before a standing camera; the water goes 1.7 pixels
    assert error(clip_motion(clip)) > 0.8  # so much is the camera's
    assert (motion.mask[~WATER] > 0.5).mean() < 0.01
    assert (motion.mask[INNER] > 0.5).mean() > 0.9


@pytest.mark.parametrize("shake", [0.0, 0.2])
def test_a_camera_that_stands_or_shakes_is_left_to_the_picture(shake):
    clip = Clip(filmed(poses(shake=shake)), 24.0)
    np.testing.assert_array_equal(clip_motion(clip, around()).flow, clip_motion(clip).flow)


def test_water_that_is_taken_for_ground_moves_no_camera():
    """The stream fills more than its banks, and a camera could well go with it."""
    clip = Clip(filmed(poses()), 24.0)
    stands = WATER | (Y < 40)
    motion = clip_motion(clip, around(stands=stands))
    assert error(motion) < 0.2
    assert (motion.mask[INNER] > 0.5).mean() > 0.9


def test_a_camera_that_nothing_explains_gets_a_sentence():
    rng = np.random.default_rng(0)
    frames = filmed(poses(way=(-0.5, 0, 0)))
    torn = np.stack([np.roll(f, rng.integers(-9, 9, 2), (0, 1)) for f in frames])
    torn[:, :, 128:] = frames[:, ::-1, 128:]
    assert clip_motion(Clip(torn, 24.0), around()).remark == UNSOLVED


def test_a_camera_that_goes_too_far_is_followed_while_it_sees_the_place():
    clip = Clip(filmed(poses(turn=(0, 60, 0))), 24.0)
    motion = clip_motion(clip, around())
    assert "frames are used" in motion.remark
    assert error(motion) < 0.4


def test_cameras_are_those_that_filmed():
    true = poses(**MOVES["walk"])
    tracks = tracked([grey(frame) for frame in filmed(true)], ~WATER)
    found = camera_motion(tracks, around())
    assert found.explained > 0.95
    np.testing.assert_allclose(found.poses[:, :3, 3], np.stack(true)[:, :3, 3], atol=0.03)
    np.testing.assert_allclose(found.poses[:, :3, :3], np.stack(true)[:, :3, :3], atol=0.004)


def test_poses_and_depths_are_adjusted_together():
    rng = np.random.default_rng(1)
    true = np.stack(poses(**MOVES["walk"]))
    rays = np.column_stack([rng.uniform(-0.6, 0.6, (200, 2)), np.ones(200)])
    inverse = rng.uniform(0.05, 0.4, 200)
    at = seen(true, inverse, rays, K)
    alive = np.ones(at.shape[:2], bool)
    at[3, 7] += 40  # one that was mistaken
    rough = inverse * np.exp(rng.normal(0, 0.2, 200))
    start = np.tile(np.eye(4), (len(true), 1, 1))
    found, depths = adjusted(start, rough, rays, at, alive, K, 0.5)
    scale = np.median(depths / inverse)  # no track tells it
    off = np.abs(depths / scale / inverse - 1)
    assert (off[8:] < 0.02).mean() > 0.95  # what the camera goes straight to shows no parallax
    np.testing.assert_allclose(found[:, :3, 3] * scale, true[:, :3, 3], atol=0.01)


def test_a_clip_lies_on_the_photo_about_their_centre():
    """A clip of another shape and size: what lies beyond the photo says nothing."""
    depth = np.tile(np.linspace(1, 10, 100, dtype=np.float32), (80, 1))
    found = Surroundings.of_photo(depth, np.ones((80, 100), bool), K, (60, 50))
    assert found.depth.shape == (60, 50)
    assert found.K[0, 0] == pytest.approx(K[0, 0] / 2)
    beyond = ~found.stands
    assert beyond[:10].all()
    assert beyond[-10:].all()
    assert not beyond[10:-10].any()


@pytest.mark.parametrize(
    ("depth", "held"), [(8.0, "near"), (5000.0, "far")], ids=["a wall at rest", "a sky at rest"]
)
def test_only_what_is_near_tells_that_the_camera_stands(depth, held):
    """Half of what is tracked rests, and a camera was found that turns by two degrees and goes."""
    rng = np.random.default_rng(0)
    start = rng.uniform((20, 20), (WIDTH - 20, HEIGHT - 20), (200, 2)).astype(np.float32)
    inverse = np.where(start[:, 1] < HEIGHT / 2, 1.0 / depth, 0.2)
    rays = np.column_stack([start, np.ones(len(start))]) @ np.linalg.inv(K).T
    camera = CameraMotion(np.stack([np.eye(4), pose((0, 2, 0), (0.5, 0, 0))]), 1.0, inverse)
    moved = seen(camera.poses, inverse, rays, K)[1]
    rests = start[:, 1] < HEIGHT / 2
    at = np.stack([start, np.where(rests[:, None], start, moved)]).astype(np.float32)
    surfaces = np.full((HEIGHT, WIDTH), 5.0, np.float32)
    surfaces[: HEIGHT // 2] = depth
    known = around(surfaces, np.ones((HEIGHT, WIDTH), bool))
    near, far = at_rest_against(Tracks(at, np.ones((2, 200), bool)), known, camera, 5.0)
    assert (near > 0.3, far > 0.3) == (held == "near", held == "far")
    assert min(near, far) < 0.02


def test_the_far_holds_a_turn_that_little_of_what_stands_leaves_open():
    """What stands is one small group at one distance; the far is around it, and drifts a little."""
    rng = np.random.default_rng(5)
    near = np.column_stack([rng.uniform(-1.5, 0.0, 30), rng.uniform(0.2, 1.0, 30),
                            rng.uniform(7.0, 9.0, 30)])  # fmt: skip
    far = np.column_stack(
        [rng.uniform(-400, 400, 80), rng.uniform(-200, -5, 80), np.full(80, 900.0)]
    )
    ways = np.linspace(0.0, 0.8, 14)
    true = np.stack([pose((0, 0, 0), (-way, 0.05 * way, 0.0)) for way in ways])

    def tracks_of(points, drift):
        rays = points / points[:, 2:]
        at = seen(true, 1.0 / points[:, 2], rays, K)
        at[..., 0] += drift * np.linspace(0.0, 1.0, len(true))[:, None]
        at += rng.normal(size=at.shape) * 0.15
        at[0] = seen(true[:1], 1.0 / points[:, 2], rays, K)[0]
        return at.astype(np.float32)

    at = [tracks_of(near, 0.0), tracks_of(far, 1.5)]
    depth = np.full((HEIGHT, WIDTH), 900.0, np.float32)
    for x, y in at[0][0]:
        depth[max(int(y) - 3, 0) : int(y) + 4, max(int(x) - 3, 0) : int(x) + 4] = 8.0
    around_few = Surroundings(depth, depth < 100, K, 0.2)
    tracks = Tracks(at[0], np.ones(at[0].shape[:2], bool))
    inside = ((at[1][0] > 0) & (at[1][0] < (WIDTH, HEIGHT))).all(-1)
    both = np.concatenate([at[0], at[1][:, inside]], axis=1)
    everything = Tracks(both, np.ones(both.shape[:2], bool))
    alone = camera_motion(tracks, around_few)
    held = held_by_what_is_far(tracks, everything, around_few, alone)

    def off(camera):
        turn = camera.poses[-1][:3, :3]
        return np.degrees(np.arccos(np.clip((np.trace(turn) - 1.0) / 2.0, -1.0, 1.0)))

    assert off(held) < 0.5  # the drift alone is a third of a degree
    assert off(held) < 0.5 * off(alone)
    assert held.explained > 0.9
    assert at_rest_against(everything, around_few, held, 12.0)[1] < 0.03


def test_without_anything_far_a_camera_stays_as_it_was():
    clip = [grey(frame) for frame in filmed(poses(way=(-0.5, 0, 0)))]
    tracks = tracked(clip, ~WATER)
    camera = camera_motion(tracks, around())
    assert held_by_what_is_far(tracks, tracks, around(), camera) is camera
