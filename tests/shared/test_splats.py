"""Splats in other axes: covariances, rotations and view-dependent colour, each against its sum."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from tests.shared.splat_samples import covariances, gaussians

from livescape.engine.rasterize.spherical_harmonics import spherical_harmonics_basis
from livescape_shared.covariance import _deform, _turn, decompose, quaternions, transform
from livescape_shared.gaussians import Gaussians
from livescape_shared.harmonics import basis, turned
from livescape_shared.splats import AXES, Splats


def directions(count, seed=0):
    found = np.random.default_rng(seed).normal(size=(count, 3))
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def matrix_of(kind):
    """Return a [4, 4] of some kind."""
    matrix = np.eye(4)
    matrix[:3, 3] = (0.3, -2.0, 1.0)
    turn = Rotation.from_euler("xyz", (0.4, -1.1, 2.0)).as_matrix()
    stretch = {"turned": (1, 1, 1), "scaled": (2, 2, 2), "mirrored": (-1, 1, 1),
               "uneven": (0.5, 3.0, 1.5)}[kind]  # fmt: skip
    matrix[:3, :3] = turn @ np.diag(stretch)
    return matrix


def test_quaternions_of_every_kind_of_turn():
    """Half turns included, whose w is zero; against SciPy."""
    turns = Rotation.concatenate(
        [
            Rotation.random(200, random_state=0),
            Rotation.from_rotvec(np.pi * np.concatenate([np.eye(3), directions(20)])),
            Rotation.identity(),
        ]
    )
    found = quaternions(turns.as_matrix())
    wanted = turns.as_quat(scalar_first=True)
    np.testing.assert_allclose(np.abs(np.sum(found * wanted, axis=1)), 1.0, atol=1e-12)
    assert (found[:, 0] >= 0.0).all()


@pytest.mark.parametrize("kind", ["turned", "scaled", "mirrored", "uneven"])
def test_an_affine_map_takes_every_covariance_along(kind):
    before, matrix = gaussians(50), matrix_of(kind)
    after = transform(before, matrix)
    wanted = matrix[:3, :3] @ covariances(before) @ matrix[:3, :3].T
    scale = np.abs(wanted).max(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(covariances(after) / scale, wanted / scale, atol=2e-6)
    np.testing.assert_allclose(
        after.means, before.means @ matrix[:3, :3].T + matrix[:3, 3], rtol=1e-5, atol=1e-5
    )
    np.testing.assert_array_equal(after.opacities, before.opacities)


@pytest.mark.parametrize("kind", ["turned", "scaled"])
def test_a_turn_is_what_the_general_way_makes_of_it(kind):
    """The quick way keeps the order of the axes; the covariances are those of the slow one."""
    before, linear = gaussians(50), matrix_of(kind)[:3, :3]
    quick, slow = _turn(before, linear), _deform(before, linear)
    for found in (quick, slow):
        np.testing.assert_allclose(np.linalg.norm(found[0], axis=1), 1.0, atol=1e-6)
    pair = [Gaussians(before.means, *found, before.opacities, before.colors)
            for found in (quick, slow)]  # fmt: skip
    wanted = covariances(pair[1])
    scale = np.abs(wanted).max(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(covariances(pair[0]) / scale, wanted / scale, atol=2e-6)
    np.testing.assert_allclose(quick[1], before.scales * (2.0 if kind == "scaled" else 1.0))
    assert _turn(before, matrix_of("mirrored")[:3, :3]) is None
    assert _turn(before, matrix_of("uneven")[:3, :3]) is None


def test_thin_and_flat_axes_keep_their_scales():
    scales = np.array([[1.0, 0.5, 1e-5], [1.0, 1.0, 1.0], [1.0, 0.3, 0.0]])
    axes = Rotation.random(3, random_state=1).as_matrix() * scales[:, None, :]
    _, found = decompose(axes)
    np.testing.assert_allclose(np.sort(found), np.sort(scales), rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_the_basis_is_that_of_the_backend(degree):
    count = (degree + 1) ** 2 - 1
    wanted = spherical_harmonics_basis(torch.from_numpy(directions(40)), degree)[:, 1:]
    np.testing.assert_allclose(basis(directions(40), count), wanted.numpy(), atol=1e-12)


@pytest.mark.parametrize("count", [3, 8, 15])
@pytest.mark.parametrize("kind", ["turned", "mirrored"])
def test_turned_colours_are_the_same_colours_seen_from_turned_directions(count, kind):
    before = np.random.default_rng(5).normal(size=(6, count, 3)).astype(np.float32)
    rotation = matrix_of(kind)[:3, :3]
    after = turned(before, rotation)
    seen = np.einsum("dk,nkc->dnc", basis(directions(30), count), before)
    again = np.einsum("dk,nkc->dnc", basis(directions(30) @ rotation.T, count), after)
    np.testing.assert_allclose(again, seen, atol=1e-5)


def test_axes_of_files_are_rotations_and_say_what_they_mean():
    for axes in AXES.values():
        np.testing.assert_allclose(axes @ axes.T, np.eye(3))
        assert np.linalg.det(axes) == pytest.approx(1.0)
    into, up = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])  # of Blender
    np.testing.assert_array_equal(AXES["y_down"].T @ into, [0, 0, 1])
    np.testing.assert_array_equal(AXES["y_down"].T @ up, [0, -1, 0])
    np.testing.assert_array_equal(AXES["y_up"].T @ into, [0, 0, -1])
    np.testing.assert_array_equal(AXES["y_up"].T @ up, [0, 1, 0])


def test_splats_go_into_the_axes_of_a_file_and_back():
    rest = np.random.default_rng(6).normal(size=(9, 15, 3)).astype(np.float32)
    before = Splats(gaussians(9), rest)
    matrix = np.eye(4)
    matrix[:3, :3] = AXES["y_down"]
    after = before.in_axes("y_down").transformed(matrix)
    np.testing.assert_allclose(after.gaussians.means, before.gaussians.means, atol=1e-6)
    np.testing.assert_allclose(after.harmonics, rest, atol=1e-5)
    assert before.in_axes("z_up") is before


def test_parts_of_different_degree_are_put_together():
    rest = np.random.default_rng(7).normal(size=(4, 3, 3)).astype(np.float32)
    more = np.random.default_rng(8).normal(size=(2, 15, 3)).astype(np.float32)
    parts = Splats(gaussians(4), rest), Splats(gaussians(3)), Splats(gaussians(2), more)
    whole = Splats.concatenate(*parts)
    assert (len(whole), whole.degree) == (9, 3)
    np.testing.assert_array_equal(whole.harmonics[:4, :3], rest)
    np.testing.assert_array_equal(whole.harmonics[7:], more)
    assert not whole.harmonics[:4, 3:].any()
    assert not whole.harmonics[4:7].any()
    assert Splats.concatenate(parts[1], parts[1]).harmonics is None


@pytest.mark.parametrize("shape", [(9, 4, 3), (8, 3, 3), (9, 3), (9, 3, 4), (9, 24, 3)])
def test_other_shapes_of_harmonics_are_refused(shape):
    with pytest.raises(ValueError, match="harmonics has shape"):
        Splats(gaussians(9), np.zeros(shape, np.float32))
