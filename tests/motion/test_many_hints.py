"""Thousands of hints: the results of the way for few, in a bounded number of computed pixels."""

import numpy as np
import pytest

from livescape.motion import hints as hints_module
from livescape.motion import many_hints, remarks
from livescape.motion.hint_reach import default_reach, hint_weights, spread
from livescape.motion.hints import densify_by_region, densify_hints, through_hints
from livescape.motion.many_hints import (
    MANY,
    _pairs,
    _solved,
    parts_of_many,
    spread_many,
    thinned,
    window_around,
)

SHAPE = 90, 140


def scattered(count, seed=0, low=(0.0, 0.0), high=(SHAPE[1], SHAPE[0])):
    rng = np.random.default_rng(seed)
    places = rng.uniform(low, high, (count, 2))
    wave = np.sin(places / 17.0) + rng.normal(scale=0.05, size=(count, 2))
    return places, wave + np.array([2.0, 0.0])


def normals_of(shape):
    tilt = np.linspace(0.0, 0.6, shape[1]) * np.sin(np.linspace(0.0, 3.0, shape[0]))[:, None]
    return np.stack([np.sin(tilt), np.zeros(shape), np.cos(tilt)], axis=-1)


@pytest.fixture
def slowly(monkeypatch):
    """Take the way for few hints, however many there are."""
    return lambda: monkeypatch.setattr(hints_module, "MANY", 10**9)


@pytest.mark.parametrize("inclined", [False, True])
def test_many_hints_are_spread_and_met_as_few_are(slowly, inclined):
    places, motions = scattered(400)
    mask = np.ones(SHAPE, np.float32)
    mask[:20, :50] = 0.0
    mask[40:, 100:] = 0.5
    normals = normals_of(SHAPE) if inclined else None
    fast = densify_hints(places, motions, mask, normals=normals)
    fast_met = through_hints(fast, places, motions, mask, normals)
    slowly()
    slow = densify_hints(places, motions, mask, normals=normals)
    np.testing.assert_allclose(fast, slow, atol=2e-5)
    np.testing.assert_allclose(
        fast_met, through_hints(slow, places, motions, mask, normals), atol=2e-3
    )


def test_few_hints_take_the_way_for_few(monkeypatch):
    monkeypatch.setattr(hints_module, "spread_many", None)
    monkeypatch.setattr(hints_module, "parts_of_many", None)
    monkeypatch.setattr(hints_module, "thinned", None)
    places, motions = scattered(MANY)
    assert densify_by_region(places, motions, np.ones(SHAPE)).any()


def test_what_is_far_from_all_hints_follows_those_that_are_nearest():
    places, motions = scattered(400, high=(20.0, 90.0))
    reach = 3.0
    fast = spread_many(places, motions, SHAPE, reach)
    slow = spread(places, motions, SHAPE, reach)
    np.testing.assert_allclose(fast[:, :25], slow[:, :25], atol=1e-5)
    assert np.abs(fast - slow).mean() < 0.02
    assert np.isfinite(fast).all()


def test_far_pixels_are_larger_where_there_are_very_many(monkeypatch):
    monkeypatch.setattr(many_hints, "FAR_WORK", 400 * 500.0)
    places, motions = scattered(400, high=(20.0, 90.0))
    fast = spread_many(places, motions, SHAPE, 3.0, normals_of(SHAPE))
    slow = spread(places, motions, SHAPE, 3.0, normals_of(SHAPE))
    assert np.abs(fast - slow).mean() < 0.1
    assert np.linalg.norm(fast, axis=-1).max() <= np.linalg.norm(motions, axis=1).max() + 1e-9


def test_many_equations_are_solved_as_few_are(monkeypatch):
    places, missed = scattered(900)
    features = np.random.default_rng(3).normal(scale=0.3, size=(900, 3))
    at_once = parts_of_many(places / 12.0, features, missed, 0.03)
    monkeypatch.setattr(many_hints, "DENSE", 0)
    step_by_step = parts_of_many(places / 12.0, features, missed, 0.03)
    alike = np.exp(-((places[:, None] - places) ** 2).sum(-1) / 144.0)
    made, wanted = alike @ step_by_step, alike @ at_once
    assert np.abs(made - wanted).max() < 1e-2 * np.abs(missed).max()


def test_each_pair_that_is_alike_is_found_once():
    places = np.random.default_rng(0).uniform(-10, 30, (300, 3))
    found = np.concatenate(list(_pairs(places)))
    apart = ((places[:, None] - places) ** 2).sum(-1)
    assert len(found) == len({tuple(pair) for pair in found.tolist()})
    assert {tuple(pair) for pair in found.tolist()} == set(
        map(tuple, np.argwhere(apart <= many_hints.LINKED**2).tolist())
    )


def test_conjugate_gradients_solve():
    rng = np.random.default_rng(0)
    half = rng.normal(size=(50, 50))
    square, wanted = half @ half.T + np.eye(50), rng.normal(size=(50, 2))
    found = _solved(lambda vectors: square @ vectors, wanted)
    assert np.abs(square @ found - wanted).max() < 1e-3


def test_hints_on_top_of_each_other_become_one():
    places = np.array([[1.0, 1.0], [1.4, 1.2], [5.0, 5.0]])
    motions = np.array([[1.0, 0.0], [3.0, 0.0], [0.0, 1.0]])
    found, moved = thinned(places, motions, 2.0)
    np.testing.assert_allclose(found, [[1.2, 1.1], [5.0, 5.0]])
    np.testing.assert_allclose(moved, [[2.0, 0.0], [0.0, 1.0]])


@pytest.mark.parametrize("count", [1000, 4000])
@pytest.mark.parametrize("high", [(160.0, 120.0), (16.0, 12.0)])
def test_however_many_hints_there_are_about_as_many_pixels_are_computed(monkeypatch, count, high):
    """The work is counted: pixels of all windows, equations and their terms."""
    work = []
    for module, name in ((many_hints, "distance"), (hints_module, "apart_from")):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given, real=real: counted(work, real(*given)))
    pairs = many_hints._pairs
    monkeypatch.setattr(
        many_hints, "_pairs", lambda places: (counted(work, p) for p in pairs(places))
    )
    places, motions = scattered(count, high=high)
    densify_by_region(places, motions, np.ones((120, 160)))
    assert sum(work) < 1000 * 120 * 160


def counted(work, made):
    work.append(made.size)
    return made


def test_weights_of_few_hints_are_what_they_were():
    places, _ = scattered(5)
    mask = np.ones(SHAPE)
    reach = default_reach(mask, 5)
    weights = np.array(list(hint_weights(places, SHAPE, reach)))
    np.testing.assert_array_equal(weights.max(axis=0), np.ones(SHAPE))


def test_windows_end_with_the_picture():
    rows, columns = window_around(np.array([-3.0, 500.0]), SHAPE, 10.0)
    assert (rows.start, rows.stop) == (90, 90)
    assert (columns.start, columns.stop) == (0, 7)


def pairwise(lines, mask):
    """The slow form: each pair by itself."""
    reach = (float(mask.sum()) / len(lines)) ** 0.5
    drags = lines[:, 1] - lines[:, 0]
    found = []
    for one in range(len(lines)):
        for other in range(one + 1, len(lines)):
            apart = np.linalg.norm(lines[one, 0] - lines[other, 0])
            lengths = np.linalg.norm(drags[one]) * np.linalg.norm(drags[other])
            if drags[one] @ drags[other] < remarks.AGAINST * lengths and apart < reach:
                found.append((one + 1, other + 1))
    return found


@pytest.mark.parametrize("count", [2, 3, 12, 60])
def test_contradictions_are_those_of_each_pair(count):
    places, _ = scattered(count, seed=5)
    turns = np.random.default_rng(1).uniform(0.0, 2 * np.pi, count)
    ends = places + 9.0 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    lines = np.stack([places, ends], axis=1).astype(np.float32)
    mask = np.ones(SHAPE, np.float32)
    expected = pairwise(lines, mask)
    said = remarks._contradictions(lines, mask)
    shown = [f"Hints {one} and {other} are " for one, other in expected[: remarks.SEVERAL]]
    assert [sentence[: len(start)] for sentence, start in zip(said, shown, strict=False)] == shown
    more = len(expected) - remarks.SEVERAL
    assert said[remarks.SEVERAL :] == ([f"The same holds for {more} more."] if more > 0 else [])
