"""Trajectories that someone has sent are believed only if the scene can be what they say."""

import numpy as np
import pytest

from livescape_shared.gaussians import Gaussians
from livescape_shared.scene import SceneMeta
from livescape_shared.trajectories import MOST_TERMS, Trajectories

TERMS, ROWS, INCOMING, FRAMES = 3, 5, 2, 4
META = SceneMeta(9, ROWS + INCOMING, FRAMES - 1, True, 0.1, 1, 24.0, "linear", deforms=False)


def arrays():
    rng = np.random.default_rng(0)
    return {
        "coefficients": rng.normal(size=(TERMS, ROWS, 3)).astype(np.float32),
        "incoming": np.array([1, 4], np.int32),
        "weights": rng.normal(size=(2, FRAMES, TERMS)).astype(np.float32),
    }


def poke(value, *index):
    def change(array):
        array[index] = value
        return array

    return change


def test_what_is_right_is_taken():
    found = Trajectories.of_scene(arrays(), META)
    assert found.frames == FRAMES
    assert found.arrays().keys() == arrays().keys()


@pytest.mark.parametrize(
    ("name", "change", "what"),
    [
        ("coefficients", poke(np.nan, 0, 0, 0), "not finite"),
        ("coefficients", poke(np.inf, -1, -1, 2), "not finite"),
        ("weights", poke(np.nan, 1, 0, 0), "not finite"),
        ("coefficients", lambda a: a.astype(np.float64), "float64"),
        ("coefficients", lambda a: a[0], "coefficients is"),
        ("coefficients", lambda a: a[..., :2], "coefficients has shape"),
        ("coefficients", lambda a: a[:0], "coefficients has shape"),
        ("coefficients", lambda a: np.zeros((MOST_TERMS + 1, ROWS, 3), np.float32), "has shape"),
        ("coefficients", lambda a: a[:, :-1], "incoming names rows"),
        ("weights", lambda a: a[:1], "weights has shape"),
        ("weights", lambda a: a[:, :, :-1], "weights has shape"),
        ("weights", lambda a: a[:, :-1], "3 frames"),
        ("weights", lambda a: a[:0], "weights has shape"),
        ("incoming", lambda a: a[:1], "6 rows"),
        ("incoming", lambda a: a.astype(np.int64), "int64"),
        ("incoming", poke(-1, 0), "incoming names rows"),
        ("incoming", poke(ROWS, 1), "incoming names rows"),
        ("incoming", lambda a: a[:, None], "incoming is"),
    ],
)
def test_what_cannot_be_is_refused(name, change, what):
    given = arrays()
    given[name] = change(given[name])
    with pytest.raises(ValueError, match=what):
        Trajectories.of_scene(given, META)


@pytest.mark.parametrize("name", ["coefficients", "incoming", "weights"])
def test_what_is_missing_is_named(name):
    given = arrays()
    del given[name]
    with pytest.raises(ValueError, match=name):
        Trajectories.of_scene(given, META)


def test_a_scene_that_deforms_has_none():
    with pytest.raises(ValueError, match="rotations"):
        Trajectories.of_scene(arrays(), SceneMeta(**{**META.to_dict(), "deforms": True}))


def test_a_sum_beyond_single_precision_is_refused():
    given = arrays()
    given["coefficients"][:, 0] = given["weights"][:] = 3e38
    rest = np.ones((ROWS + INCOMING, 4), np.float32)
    at_rest = Gaussians(rest[:, :3], rest, rest[:, :3], rest[:, 0], rest[:, :3])
    with np.errstate(over="ignore"), pytest.raises(ValueError, match="frame 0"):
        next(Trajectories.of_scene(given, META).each_frame(at_rest))
