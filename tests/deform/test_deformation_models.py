"""The deformation models: each name keeps its promise."""

import numpy as np
import pytest
from tests.deform.support import HEIGHT, LOOP, PIXEL, RIGHT, VIEW, WIDTH, uniform_grid, wall

from livescape.deform import deformation_models
from livescape.deform.deformation_models import (
    distillation_steps,
    initial_field,
    resolve_deformation,
)
from livescape.deform.hexplane_field import HexPlaneField
from livescape.deform.train import AnimationFrame, train_moving
from livescape.gaussians.render import render
from livescape_shared.conventions import FOR_EVER, SINCE_EVER
from livescape_shared.gaussians import Gaussians

SPEED = 1.5
STILL = wall((0, WIDTH), depth=6.5, step=4)
MASK = np.ones((HEIGHT, WIDTH), np.float32)


@pytest.fixture(autouse=True)
def _short_distillation(monkeypatch):
    """How well a HexPlane learns trajectories is tested with the distillation itself."""
    monkeypatch.setattr(deformation_models, "DISTIL_STEPS", 8)


def field_of(name, **changes):
    parts = [(wall((16, 48)), uniform_grid(SPEED)), (wall((0, 0)), uniform_grid(SPEED))]
    options = {"loop_frames": LOOP, "terms": 5, "seed": 0, "device": "cpu"}
    return initial_field(name, parts, **options | changes)


def shown(field, t):
    moving = field.all_copies().at(field.frame(t * LOOP, LOOP), t, field.fade)
    return render(Gaussians.concatenate(STILL, moving), VIEW).image


def trained(field, **changes):
    grey = np.full((HEIGHT, WIDTH, 3), 0.3, np.float32)
    frames = [AnimationFrame(t, grey, MASK, VIEW) for t in (0.0, 0.3, 0.6)]
    found, _ = train_moving(STILL, field, frames, iterations=6, **changes)
    return found


def test_auto_is_the_basis():
    assert resolve_deformation("auto") == "basis"
    assert resolve_deformation("drift") == "drift"


@pytest.mark.parametrize("name", ["basis", "symmetric", "hexplane", "drift"])
def test_every_model_starts_at_the_photo_and_counts_its_steps(name):
    steps = []
    field = field_of(name, progress=lambda step, total: steps.append((step, total)))
    assert len([step for step, _ in steps if step]) == distillation_steps(name)
    assert {total for _, total in steps} <= {distillation_steps(name)}
    np.testing.assert_array_equal(field.means_at(0.0), wall((16, 48)).means)


def test_drift_is_one_copy_on_a_straight_line_that_never_comes_back():
    field = field_of("drift")
    assert isinstance(field, HexPlaneField)
    windows = field.all_copies().windows
    np.testing.assert_array_equal(windows, np.tile([SINCE_EVER, FOR_EVER], (len(field), 1)))
    start = field.frame(0, LOOP).means
    inside = np.linalg.norm(field.frame(1, LOOP).means - start, axis=1) > 0.1 * PIXEL
    assert inside.mean() > 0.8
    for index in (1, 5, LOOP):
        moved = field.frame(index, LOOP).means - start
        expected = np.broadcast_to(index * SPEED * PIXEL * RIGHT, moved.shape)
        np.testing.assert_allclose(moved[inside].mean(0), expected[0], rtol=0.1)
    assert np.abs(shown(field, 0.0) - shown(field, 1.0)).max() > 0.1


@pytest.mark.parametrize("name", ["basis", "symmetric", "hexplane"])
def test_the_other_models_close_the_loop(name):
    field = field_of(name)
    np.testing.assert_allclose(shown(field, 0.0), shown(field, 1.0), atol=1e-5)


def test_symmetric_trains_colours_and_leaves_trajectories():
    field = field_of("symmetric")
    found = trained(field, train_trajectories=False)
    np.testing.assert_array_equal(found.coefficients, field.coefficients)
    assert np.abs(found.gaussians.colors - field.gaussians.colors).max() > 1e-3
    changed = trained(field_of("basis"))
    assert np.abs(changed.coefficients - field.coefficients).max() > 1e-4


def test_drift_trains_its_network_and_stays_one_copy():
    field = field_of("drift")
    found = trained(field)
    assert len(found.all_copies().windows) == len(field)
    assert np.abs(found.parameters - field.parameters).max() > 1e-4
    np.testing.assert_array_equal(found.base_line.coefficients, field.base_line.coefficients)


def test_nothing_that_moves_is_a_valid_scene():
    for name in ("basis", "drift", "hexplane"):
        field = initial_field(
            name, [(wall((0, 0)), uniform_grid())], loop_frames=LOOP, terms=4, seed=0, device="cpu"
        )
        assert len(field) == 0
        assert len(field.all_copies().windows) == 0
