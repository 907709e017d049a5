"""Trajectories on a basis: still at t = 0, closed at t = 1."""

import numpy as np
import pytest
from tests.deform.support import FADE, LOOP, VIEW, random_field, wall

from livescape.deform.basis import MovingField, basis_functions, fit_coefficients
from livescape.gaussians.render import render
from livescape.motion.handover import NEVER
from livescape_shared.conventions import FOR_EVER, SINCE_EVER
from livescape_shared.gaussians import Gaussians

PHASES = np.linspace(-1.0, 1.0, 41)


def at(field, index):
    """Both copies as they are shown at a loop frame."""
    return field.all_copies().at(field.frame(index, LOOP), index / LOOP, FADE)


@pytest.mark.parametrize("terms", [2, 3, 8, 32])
def test_every_basis_function_is_zero_at_rest_and_none_depends_on_the_others(terms):
    np.testing.assert_array_equal(basis_functions(np.zeros(1), terms), np.zeros((1, terms)))
    phi = basis_functions(np.linspace(-1, 1, 201), terms)
    assert phi.shape == (201, terms)
    assert np.linalg.matrix_rank(phi.astype(float), tol=1e-4) == terms


@pytest.mark.parametrize("terms", [2, 5, 8, 12])
def test_coefficients_of_a_trajectory_in_the_span_come_back(terms):
    known = np.random.default_rng(0).normal(size=(terms, 7, 3))
    phi = basis_functions(PHASES, terms).astype(float)
    displacements = np.einsum("sk,kmc->smc", phi, known)
    found = fit_coefficients(displacements, terms)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, known, atol=2e-4)


def test_coefficients_are_the_least_squares_ones():
    """A trajectory outside the span: the residual is orthogonal to every basis function."""
    displacements = np.random.default_rng(1).normal(size=(41, 5, 3))
    found = fit_coefficients(displacements, 6)
    phi = basis_functions(PHASES, 6).astype(float)
    residual = displacements - np.einsum("sk,kmc->smc", phi, found)
    np.testing.assert_allclose(np.einsum("sk,smc->kmc", phi, residual), 0.0, atol=1e-4)


def test_more_terms_than_samples_still_pass_through_the_samples():
    displacements = np.random.default_rng(2).normal(size=(5, 4, 3))
    displacements[2] = 0.0
    found = fit_coefficients(displacements, 8)
    phi = basis_functions(np.linspace(-1, 1, 5), 8).astype(float)
    np.testing.assert_allclose(np.einsum("sk,kmc->smc", phi, found), displacements, atol=1e-4)


def test_at_rest_the_means_are_those_of_the_gaussians_to_the_last_bit():
    field = random_field()
    np.testing.assert_array_equal(field.means_at(0.0), field.gaussians.means)
    frame = field.frame(0, LOOP)
    np.testing.assert_array_equal(frame.means[: len(field)], field.gaussians.means)


def test_the_loop_closes_to_the_last_bit():
    """The outgoing copy of frame 0 is the incoming copy of the last; the others are invisible."""
    field = random_field()
    count = len(field)
    first, last = at(field, 0), at(field, LOOP)
    for name, values in vars(first).items():
        closing = getattr(last, name)
        np.testing.assert_array_equal(values[:count], closing[count:])
    assert not first.opacities[count:].any()
    assert not last.opacities[:count].any()
    view = render(first, VIEW).image
    # Only the vector width that an array's tail falls into can differ.
    np.testing.assert_allclose(render(last, VIEW).image, view, atol=1e-6, rtol=0)
    assert np.abs(render(at(field, LOOP // 2), VIEW).image - view).max() > 0.1


def test_copies_that_hand_over_where_they_coincide_are_together_as_opaque_as_one():
    moments = np.random.default_rng(3).uniform(FADE / 2, 1 - FADE / 2, 768)
    still = MovingField(
        wall(),
        np.zeros((2, 768, 3), np.float32),
        np.tile(np.float32([-2.0, 2.0]), (768, 1)),
        np.column_stack([moments, moments]).astype(np.float32),
        FADE,
        VIEW.position,
    )
    resting = render(still.gaussians, VIEW)
    for index in range(LOOP + 1):
        shown = at(still, index)
        together = 1.0 - (1.0 - shown.opacities[:768]) * (1.0 - shown.opacities[768:])
        np.testing.assert_allclose(together, still.gaussians.opacities, atol=1e-6)
        # Away from its centre a splat's opacity is not exactly halved: 1 - (1 - o g) ** w.
        assert np.abs(render(shown, VIEW).image - resting.image).mean() < 0.03


def test_frames_follow_the_trajectory_half_a_life_apart():
    field = random_field()
    field.handover[::3, 0] = NEVER
    count, chosen = len(field), np.arange(len(field)) % 3 > 0
    for index in (1, 5, 11):
        frame = field.frame(index, LOOP)
        np.testing.assert_array_equal(frame.means[:count], field.means_at(index / LOOP))
        arriving = field.means_at(index / LOOP - 1.0)[chosen]
        np.testing.assert_array_equal(frame.means[count:], arriving)
        np.testing.assert_array_equal(frame.quats[count:], field.gaussians.quats[chosen])
    copies = field.all_copies()
    appears, vanishes = field.handover.T
    np.testing.assert_array_equal(copies.windows[:count, 0], SINCE_EVER)
    np.testing.assert_array_equal(copies.windows[:count, 1], vanishes)
    np.testing.assert_array_equal(copies.windows[count:, 0], appears[chosen])
    np.testing.assert_array_equal(copies.windows[count:, 1], FOR_EVER)
    np.testing.assert_array_equal(copies.gaussians.means, field.frame(0, LOOP).means)


def test_parts_are_joined_in_order():
    first, second = random_field(20, seed=1), random_field(30, seed=2)
    both = MovingField.concatenate(first, second)
    assert len(both) == 50
    for s in (-0.6, 0.3):
        expected = np.concatenate([first.means_at(s), second.means_at(s)])
        np.testing.assert_array_equal(both.means_at(s), expected)


def test_nothing_that_moves_is_a_field_too():
    none = np.zeros((4, 0, 3), np.float32)
    life = np.zeros((0, 2), np.float32)
    empty = MovingField(Gaussians.empty(), none, life, life, FADE, VIEW.position)
    assert len(empty.frame(3, LOOP).means) == 0
    assert len(empty.all_copies().gaussians) == 0
