"""Cameras of truth stay above the ground, and those that do anyway are left alone."""

import numpy as np
import pytest

from livescape.evaluate.above_ground import LEAST, kept_above, view_from_above
from livescape.evaluate.harness import Case, case_truth
from livescape.evaluate.paths import path_cameras
from livescape.evaluate.truth import near_distance
from livescape_shared.camera import Camera

HEIGHT, NEAR = 2.0, 5.0


def photo() -> Camera:
    """Level, looking along y from two metres above z = 0."""
    turn = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
    viewmat = np.eye(4)
    viewmat[:3, :3], viewmat[:3, 3] = turn, -turn @ [0.0, 0.0, HEIGHT]
    return Camera(64, 36, np.array([[60.0, 0, 32], [0, 60.0, 18], [0, 0, 1]]), viewmat)


def plane(height: float) -> np.ndarray:
    """Level ground, a point every 10 cm."""
    side = np.linspace(-4.0, 4.0, 81)
    x, y = np.meshgrid(side, side)
    return np.stack([x, y, np.full_like(x, height)], axis=-1).astype(np.float32)


def heights(path) -> np.ndarray:
    """Of its cameras, in metres."""
    return np.array([camera.position[2] for camera in path])


@pytest.mark.parametrize("ground", [0.0, 0.7])
def test_a_path_that_dives_ends_above_the_ground(ground):
    path = path_cameras("up", photo(), NEAR, 6.0, 31)
    assert heights(path).min() == pytest.approx(-0.4)
    kept = kept_above(path, photo(), plane(ground))
    assert heights(kept).min() == pytest.approx(ground + LEAST)
    down = heights(path) < HEIGHT - 1e-9
    share = (HEIGHT - heights(kept))[down] / (HEIGHT - heights(path))[down]
    assert share == pytest.approx(share[0])
    for before, after, changed in zip(path, kept, down, strict=True):
        assert (after is before) == (not changed)
        assert (after.viewmat[:3, :3] == before.viewmat[:3, :3]).all()
        assert after.position[:2] == pytest.approx(before.position[:2])


def beside_and_overhead() -> np.ndarray:
    """A level with something high to the side, and something above the photographer."""
    ground = plane(0.0)
    ground[:, :20] = [-1.5, 0.0, 1.9]
    ground[60:, 70:] = [0.0, 0.0, 4.0]
    return ground


@pytest.mark.parametrize(
    ("kind", "travel", "ground"),
    [
        ("up", 3.0, beside_and_overhead()),
        ("arc", 6.0, plane(0.0)),
        ("forward", 6.0, plane(0.0)),
        ("sideways", 6.0, plane(1.9)),  # nearer than it should be, but it does not go down
    ],
)
def test_paths_that_stay_above_are_left_alone(kind, travel, ground):
    path = path_cameras(kind, photo(), NEAR, travel, 30)
    kept = kept_above(path, photo(), ground)
    assert all(after is before for before, after in zip(path, kept, strict=True))


def test_who_stands_low_goes_no_lower():
    path = path_cameras("up", photo(), NEAR, 1.0, 9)
    kept = kept_above(path, photo(), plane(HEIGHT - LEAST / 2))
    assert heights(kept).min() == pytest.approx(HEIGHT)


def test_paths_that_stay_level_need_no_view_from_above():
    level = path_cameras("sideways", photo(), NEAR, 6.0, 9)
    assert view_from_above({"sideways": level, "still": [photo()]}, photo()) is None
    above = view_from_above({"up": path_cameras("up", photo(), NEAR, 6.0, 9)}, photo())
    assert above.position[:2] == pytest.approx([0.0, 0.0])
    assert above.position[2] > HEIGHT
    assert above.viewmat[2, :3] == pytest.approx([0.0, 0.0, -1.0])


def test_truth_shows_no_underside(generator, place):
    truth = case_truth(Case(place("lake"), "given", 6.0, ("up", "sideways")), generator)
    lowest = truth.cameras["up"][-1].position[2]
    # The shore on which the photographer stands is at some 0.8 m, and not in the photo.
    assert 0.8 < lowest < truth.photo.camera.position[2] - 0.3
    seen = truth.views["up"][28]
    assert not seen.sky[-1].any()
    assert seen.sky[0].any()
    camera = truth.photo.camera
    level = path_cameras("sideways", camera, near_distance(truth.photo), 6.0, 30)
    for as_published, taken in zip(level, truth.cameras["sideways"], strict=True):
        assert (taken.viewmat == as_published.viewmat).all()
