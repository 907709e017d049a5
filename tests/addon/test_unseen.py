"""What a photo cannot show, against what geometry says of a wall with a board before it.

These files of the add-on need no Blender; they are loaded by themselves.
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from livescape_shared.camera import Camera

ROOM = Path(__file__).resolve().parents[2] / "blender_addon" / "camera"
SIZE, FOCAL = (240, 160), 240.0
WALL, BOARD = 10.0, 2.0


def load(name):
    package = sys.modules.setdefault("camera_room", ModuleType("camera_room"))
    package.__path__ = [str(ROOM)]
    spec = importlib.util.spec_from_file_location(f"camera_room.{name}", ROOM / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


unseen = load("unseen")
reach = load("reach")


def camera(offset=(0.0, 0.0, 0.0), focal=FOCAL, turn=0.0):
    width, height = SIZE
    K = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1.0]])
    c, s = np.cos(turn), np.sin(turn)
    viewmat = np.eye(4)
    viewmat[:3, :3] = [[c, 0, -s], [0, 1, 0], [s, 0, c]]
    viewmat[:3, 3] = -viewmat[:3, :3] @ np.array(offset)
    return Camera(width, height, K, viewmat)


def survey(board=True):
    width, height = SIZE
    depth = np.full((height, width), WALL, np.float32)
    if board:
        depth[40:120, 80:160] = BOARD
    return unseen.Survey(depth, np.zeros((height, width), bool), 0.5, camera())


def measure(camera_, board=True):
    return unseen.Unseen(survey(board), np.eye(4)).share(camera_)


def test_the_photos_own_place_shows_all():
    assert measure(camera()).total == 0.0


@pytest.mark.parametrize("step", [0.2, 0.3, -0.3])
def test_a_step_aside_uncovers_what_parallax_says(step):
    """The board moves by f b (1/2 - 1/10) against the wall, and the wall out of the frame."""
    share = measure(camera((step, 0, 0)))
    width, height = SIZE
    gap = FOCAL * abs(step) * (1 / BOARD - 1 / WALL)
    hidden = 100 * gap * 80 / (width * height)
    beyond = 100 * FOCAL * abs(step) / WALL / width
    assert share.hidden == pytest.approx(hidden, rel=0.2)
    assert share.beyond == pytest.approx(beyond, abs=1.0)


@pytest.mark.parametrize("turn", [0.1, -0.1])
def test_a_turn_looks_beyond_the_edge_and_behind_nothing(turn):
    share = measure(camera(turn=turn))
    assert share.hidden < 0.5
    assert share.beyond == pytest.approx(100 * FOCAL * np.tan(0.1) / SIZE[0], rel=0.25)


@pytest.mark.parametrize("turn", [0.6, 1.5, 3.1])
def test_what_is_far_to_the_side_is_beyond_the_edge_and_not_hidden(turn):
    share = measure(camera(turn=turn))
    assert share.hidden < 0.5
    assert share.beyond > 60.0


def test_a_wider_lens_sees_beyond_on_all_sides_and_a_longer_one_nothing_new():
    assert measure(camera(focal=FOCAL / 1.25), board=False).beyond == pytest.approx(36.0, abs=3.0)
    assert measure(camera(focal=FOCAL * 1.5), board=False).total == 0.0


def test_going_forward_shows_the_wall_alone_from_nearer():
    assert measure(camera((0, 0, 3.0)), board=False).total == 0.0


def test_what_is_behind_the_camera_shows_nothing():
    assert measure(camera((0, 0, 20.0)), board=False).total == pytest.approx(100.0, abs=0.1)


@pytest.mark.parametrize("limit", [2.0, 5.0])
def test_safe_distances_are_where_the_limit_is_met(limit):
    looking = unseen.Unseen(survey(), np.eye(4))
    safe = reach.safe_distances(looking, camera(), limit, 4.0)
    assert (safe[:4] > 0.02).all()
    assert (safe[:4] < 4.0).all()
    for direction, distance in zip(reach.DIRECTIONS, safe, strict=True):
        assert looking.share(camera(direction * distance)).total <= limit + 0.3
        if distance < 4.0:
            assert looking.share(camera(direction * (distance * 1.3 + 0.05))).total > limit - 0.5


def test_a_path_shrinks_until_it_fits_and_no_further():
    looking = unseen.Unseen(survey(), np.eye(4))
    path = [camera((x, 0, 0), turn=x / 10) for x in np.linspace(-1.0, 0.6, 9)]
    factor = reach.largest_factor(looking, camera(), path, 5.0)
    assert 0.02 < factor < 0.9
    worst = [
        max(looking.share(reach.between(camera(), each, part)).total for each in path)
        for part in (factor, factor * 1.2)
    ]
    assert worst[0] <= 5.0 < worst[1]
    assert reach.largest_factor(looking, camera(), [camera()], 5.0) == 1.0


def test_part_of_a_way_is_between_in_place_turn_and_lens():
    there = camera((2.0, 0, 4.0), focal=480.0, turn=0.8)
    half = reach.between(camera(), there, 0.5)
    np.testing.assert_allclose(half.position, [1.0, 0, 2.0], atol=1e-9)
    np.testing.assert_allclose(half.viewmat[:3, :3], camera(turn=0.4).viewmat[:3, :3], atol=1e-9)
    assert half.K[0, 0] == 360.0
    for part, wanted in ((0.0, camera()), (1.0, there)):
        np.testing.assert_allclose(reach.between(camera(), there, part).viewmat, wanted.viewmat,
                                   atol=1e-9)  # fmt: skip
