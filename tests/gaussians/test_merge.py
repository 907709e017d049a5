"""Merging and splitting: who is whose neighbour, and that the picture stays the same."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from livescape.evaluate.metrics import psnr
from livescape.gaussians.density import halves
from livescape.gaussians.merge import MAX_COLOR, mergeable_pairs, merged, morton_order
from livescape.gaussians.render import render
from livescape_shared.camera import Camera
from livescape_shared.covariance import quaternions
from livescape_shared.gaussians import Gaussians, rotation_matrices

FOCAL, DEPTH = 100.0, 5.0
STEP = DEPTH / FOCAL  # metres that a pixel spans


def wall(width=40, height=30, cell=1, seed=0):
    """Flat discs, one a cell of a wall facing the camera, colours a smooth ramp."""
    rows, columns = np.mgrid[:height, :width].reshape(2, -1)
    rng = np.random.default_rng(seed)
    count = rows.size
    means = np.stack([columns + 0.5, rows + 0.5, np.full(count, DEPTH / STEP / cell)], 1)
    colors = np.stack([columns / width, rows / height, np.full(count, 0.5)], axis=1)
    return Gaussians(
        means=means * STEP * cell,
        quats=np.tile([1.0, 0, 0, 0], (count, 1)),
        scales=np.tile(np.array([0.5, 0.5, 0.05]) * STEP * cell, (count, 1)),
        opacities=np.full(count, 0.9),
        colors=0.1 + 0.8 * colors + 0.01 * rng.random((count, 3)),
    )


def pixels_of(gaussians):
    return gaussians.means.astype(np.float64) / STEP * [1, 1, 0]


def picture(gaussians, width=40, height=30):
    K = np.array([[FOCAL, 0, 0.0], [0, FOCAL, 0.0], [0, 0, 1]])
    return render(gaussians, Camera(width, height, K, np.eye(4))).image


def test_next_on_the_curve_is_nearly_always_next_in_space():
    places = np.stack(np.mgrid[:64, :64, :1], -1).reshape(-1, 3).astype(float)
    shuffled = np.random.default_rng(0).permutation(len(places))
    order = shuffled[morton_order(places[shuffled], np.zeros(len(places), int))]
    assert sorted(order) == list(range(len(places)))
    pairs = places[order].reshape(-1, 2, 3)
    assert (np.abs(pairs[:, 0] - pairs[:, 1]).sum(axis=1) == 1.0).all()


def test_groups_stay_together_on_the_curve():
    places = np.random.default_rng(0).uniform(0, 90, (500, 3))
    groups = np.random.default_rng(1).integers(0, 3, 500)
    ordered = groups[morton_order(places, groups)]
    assert (np.diff(ordered) >= 0).all()


@pytest.mark.parametrize("shift", [0, 1])
def test_pairs_are_disjoint_alike_neighbours_of_one_group(shift):
    given = wall()
    groups = (np.arange(len(given)) % 40 > 20).astype(np.uint8)
    pairs, cost = mergeable_pairs(given, pixels_of(given), groups, shift)
    assert len(pairs) > 0.3 * len(given)
    assert len(np.unique(pairs)) == pairs.size
    assert (groups[pairs[:, 0]] == groups[pairs[:, 1]]).all()
    apart = np.linalg.norm(given.means[pairs[:, 0]] - given.means[pairs[:, 1]], axis=1)
    assert apart.max() < 1.6 * STEP + 1e-6
    difference = given.colors[pairs[:, 0]] - given.colors[pairs[:, 1]]
    assert np.abs(difference).max() < MAX_COLOR
    np.testing.assert_allclose(cost, (difference**2).sum(axis=1), rtol=1e-5)


def changed(given, **changes):
    """The second, fourth ... Gaussian of each row differs."""
    odd = np.arange(len(given)) % 2 == 1
    values = {name: getattr(given, name).copy() for name in vars(given)}
    for name, change in changes.items():
        values[name][odd] = change(values[name][odd])
    return Gaussians(**values)


@pytest.mark.parametrize(
    "changes",
    [
        {"colors": lambda c: 1.0 - c},
        {"opacities": lambda o: 0.3 * o},
        {"scales": lambda s: 4.0 * s},
        {"means": lambda m: m + np.array([0, 0, 2 * STEP])},
        {"quats": lambda q: np.tile([0.7071, 0.7071, 0, 0], (len(q), 1))},
    ],
    ids=["colour", "opacity", "size", "plane", "normal"],
)
def test_what_differs_does_not_merge(changes):
    plain = wall(height=1)
    assert len(mergeable_pairs(plain, pixels_of(plain), np.zeros(40, int), 0)[0]) == 20
    given = changed(plain, **changes)
    assert len(mergeable_pairs(given, pixels_of(given), np.zeros(40, int), 0)[0]) == 0


def test_two_halves_of_a_patch_become_the_patch():
    """Two cells side by side have the moments of one Gaussian that is twice as wide."""
    turn = quaternions(Rotation.random(1, random_state=0).as_matrix())
    axes = rotation_matrices(turn.astype(np.float32))[0]
    apart = 0.6 * axes[:, 0]
    two = Gaussians(
        means=np.stack([[1, 2, 3] - apart / 2, [1, 2, 3] + apart / 2]),
        quats=np.repeat(turn, 2, axis=0),
        scales=np.tile([0.3, 0.3, 0.03], (2, 1)),
        opacities=[0.8, 0.9],
        colors=[[0.2, 0.4, 0.6], [0.4, 0.4, 0.4]],
    )
    one = merged(two, np.array([[0, 1]]))
    share = 0.9 / 1.7
    np.testing.assert_allclose(one.means[0], [1, 2, 3] + apart * (share - 0.5), atol=1e-5)
    np.testing.assert_allclose(np.sort(one.scales[0]), [0.03, 0.3, 0.6], rtol=4e-3)
    np.testing.assert_allclose(one.opacities, 0.8 * (1 - share) + 0.9 * share, rtol=1e-5)
    np.testing.assert_allclose(
        one.colors[0], two.colors[0] * (1 - share) + two.colors[1] * share, rtol=1e-5
    )
    longest = rotation_matrices(one.quats)[0][:, np.argmax(one.scales[0])]
    assert abs(longest @ axes[:, 0]) == pytest.approx(1.0, abs=1e-4)


def test_a_merged_wall_looks_like_the_wall():
    given = wall()
    pairs, _ = mergeable_pairs(given, pixels_of(given), np.zeros(len(given), int), 0)
    rest = np.setdiff1d(np.arange(len(given)), pairs)
    fewer = Gaussians.concatenate(given[rest], merged(given, pairs))
    assert len(fewer) < 0.6 * len(given)
    inside = np.s_[3:-3, 3:-3]
    assert psnr(picture(fewer)[inside], picture(given)[inside]) > 33.0


@pytest.mark.parametrize("clone", [False, True])
def test_halves_look_like_the_whole(clone):
    given = wall(10, 8, cell=4)
    first, second = halves(given, np.full(len(given), clone), np.zeros(3))
    assert len(first) == len(second) == len(given)
    np.testing.assert_allclose(0.5 * (first.means + second.means), given.means, atol=1e-6)
    assert (np.linalg.norm(first.means - second.means, axis=1) > 0).all()
    both = Gaussians.concatenate(first, second)
    inside = np.s_[4:-4, 4:-4]
    assert psnr(picture(both)[inside], picture(given)[inside]) > 30.0


def test_halves_lie_beside_each_other_as_seen():
    """A disc on the ground is long ahead and seen wide: its halves must not hide each other."""
    eye = np.array([0.0, -1.5, 0.0])
    ground = Gaussians(
        means=[[0.0, 0.0, 20.0], [0.3, 0.0, 20.0]],
        quats=np.tile([1.0, 0.0, 0.0, 0.0], (2, 1)),
        scales=np.tile([0.3, 0.02, 2.0], (2, 1)),
        opacities=[0.9, 0.9],
        colors=[[0.2, 0.4, 0.6]] * 2,
    )
    first, second = halves(ground, np.zeros(2, bool), eye)
    apart = first.means - second.means
    assert (np.abs(apart[:, 0]) > 0.2).all()
    np.testing.assert_allclose(apart[:, 1:], 0.0, atol=1e-6)
    np.testing.assert_allclose(first.scales[:, 2], 2.0)
    facing, _ = halves(ground, np.zeros(2, bool), np.array([0.0, -200.0, 20.0]))
    np.testing.assert_allclose(facing.scales[:, 0], 0.3)  # from above it is as long as it is
