"""Moving Gaussians on a HexPlane: anchored at t = 0, and distilled from the basis."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.deform.hexplane_support import river, trajectory_errors

from livescape.context.cache import pack, unpack
from livescape.deform.basis import MovingField
from livescape.deform.coordinates import view_coordinates
from livescape.deform.deformation import Deformation, DeformationShape
from livescape.deform.distil import distil
from livescape.deform.hexplane_field import base_line_field, network_shape, network_sizes
from livescape.deform.living_scene import LivingScene
from livescape.engine.hexplane import HexPlaneShape, cuda
from livescape_shared.gaussians import Gaussians

SMALL = DeformationShape(HexPlaneShape((12, 12, 4, 12), (1, 2), 8), 16)


def scrambled(field):
    """The field with every parameter of its network drawn anew."""
    random = np.random.default_rng(5)
    values = random.normal(scale=0.6, size=field.parameters.shape).astype(np.float32)
    return replace(field, parameters=values)


@pytest.fixture(scope="module")
def distilled():
    field = river()
    return field, distil(field, SMALL, steps=200)


def test_a_new_field_follows_its_base_lines():
    field, residual = base_line_field(river(), SMALL)
    line = field.base_line.coefficients[0]
    assert np.abs(residual).max() > 0.1
    np.testing.assert_allclose(field.means_at(0.5) - field.gaussians.means, 0.5 * line, atol=1e-5)


def test_nothing_changes_at_rest_whatever_the_parameters():
    field = scrambled(base_line_field(river(), SMALL)[0])
    pose, moved = field.poses(np.array([0.0, 0.4]))
    for name in ("means", "quats", "scales"):
        own = getattr(field.gaussians, name)
        assert np.array_equal(getattr(pose, name), own)
        assert np.abs(getattr(moved, name) - own).max() > 1e-3
    np.testing.assert_allclose(np.linalg.norm(moved.quats, axis=1), 1.0, atol=1e-5)
    assert (moved.scales > 0).all()


def test_network_output_is_zero_at_rest_to_the_last_bit():
    network = Deformation(SMALL)
    with torch.no_grad():
        for value in network.parameters():
            value.normal_(0.0, 0.5, generator=torch.Generator().manual_seed(1))
    times = torch.tensor([-0.3, 0.0, 0.7])
    located = network.locate(torch.rand(333, 3) * 2 - 1)
    change = network(network.features(located, times), times, ("means",))["means"]
    assert (change[1] == 0).all()
    assert (change[[0, 2]] != 0).any(dim=2).all()


def test_plain_and_fused_features_are_the_same():
    network = Deformation(SMALL)
    points, times = torch.rand(100, 3) * 2 - 1, torch.tensor([-0.3, 0.7])
    plain = network.features(cuda.FixedPoints(points), times)
    fused = network.features(network.locate(points), times)
    torch.testing.assert_close(fused, plain, rtol=1e-5, atol=1e-6)


def test_distilled_trajectories_follow_the_basis(distilled):
    field, learnt = distilled
    before = np.nanmedian(trajectory_errors(field, base_line_field(field, SMALL)[0]))
    after = np.nanmedian(trajectory_errors(field, learnt))
    assert before > 0.5
    assert after < 0.1


def test_copies_close_the_loop(distilled):
    _, learnt = distilled
    count, loop = len(learnt), 24
    first, last = learnt.frame(0, loop), learnt.frame(loop, loop)
    copies = learnt.all_copies()
    assert np.array_equal(first.means[:count], learnt.gaussians.means)
    assert np.array_equal(last.means[count:], learnt.gaussians.means)
    assert np.array_equal(copies.gaussians.means, first.means)
    assert len(copies.windows) == 2 * count
    middle = learnt.frame(6, loop)
    np.testing.assert_array_equal(middle.means[:count], learnt.means_at(0.25))
    np.testing.assert_array_equal(middle.means[count:], learnt.means_at(-0.75))


def test_distillation_is_repeatable_and_can_be_stopped():
    field = river(100)
    first, second = (distil(field, SMALL, steps=5, seed=2) for _ in range(2))
    assert np.array_equal(first.parameters, second.parameters)

    def stop(step, total):
        assert total == 5
        if step == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        distil(field, SMALL, steps=5, progress=stop)


def test_no_moving_gaussians_are_a_valid_field():
    empty = river(0)
    field = distil(empty, SMALL)
    assert isinstance(empty, MovingField)
    assert len(field) == 0
    assert field.frame(3, 24).means.shape == (0, 3)


def test_view_coordinates_fill_the_box_and_do_not_wrap():
    random = np.random.default_rng(0)
    eye = np.array([3.0, -2.0, 1.7], np.float32)
    angle = np.concatenate([random.uniform(2.6, 3.14, 50), random.uniform(-3.14, -2.6, 50)])
    distance = np.concatenate([random.uniform(5, 40, 50), random.uniform(300, 400, 50)])
    means = eye + np.column_stack(
        [np.sin(angle) * distance, np.cos(angle) * distance, random.uniform(-1, 1, 100)]
    )
    box = view_coordinates(means.astype(np.float32), eye)
    np.testing.assert_allclose(box.min(axis=0), -1.0, atol=1e-5)
    np.testing.assert_allclose(box.max(axis=0), 1.0, atol=1e-5)
    order = np.argsort(np.remainder(angle, 2 * np.pi))
    assert (np.diff(box[order, 0]) > -1e-5).all()


def test_a_scene_of_either_kind_survives_the_cache():
    basis = river(20)
    for moving in (basis, base_line_field(basis, SMALL)[0]):
        scene = LivingScene(Gaussians.empty(), moving, "{}", "{}")
        found = unpack(LivingScene, pack(scene)).moving
        assert type(found) is type(moving)
        assert np.array_equal(found.means_at(0.7), moving.means_at(0.7))
    stray = pack(LivingScene(Gaussians.empty(), basis, "{}", "{}"))
    del stray["moving.life"]
    with pytest.raises(KeyError):
        unpack(LivingScene, stray)


def test_sizes_round_trip_and_foreign_parameters_are_refused():
    assert network_shape(network_sizes(SMALL)) == SMALL
    field, _ = base_line_field(river(20), SMALL)
    with pytest.raises(ValueError, match="are not the"):
        replace(field, parameters=field.parameters[1:]).network()
    with pytest.raises(ValueError, match="for 20 Gaussians"):
        replace(field, points=field.points[1:])
