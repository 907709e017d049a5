"""Joint training of a HexPlane field: as on the basis, through the same door."""

from dataclasses import replace

import numpy as np
import pytest
from tests.deform.support import HEIGHT, LOOP, VIEW, WIDTH, uniform_grid, wall

from livescape.deform.deformation import DeformationShape
from livescape.deform.distil import distil
from livescape.deform.hexplane_field import HexPlaneField, TrainableHexPlane
from livescape.deform.train import AnimationFrame, train_moving
from livescape.deform.trajectories import moving_field
from livescape.engine.hexplane import HexPlaneShape
from livescape.gaussians.render import render
from livescape_shared.gaussians import Gaussians

MASK = np.ones((HEIGHT, WIDTH), np.float32)
TIMES = np.arange(1, 9) / 9
SMALL = DeformationShape(HexPlaneShape((8, 8, 4, 8), (1, 2), 8), 16)


def shown(still, field, t):
    """Both copies and the still Gaussians at any loop time, through the plain numpy records."""
    index = t * LOOP
    moving = field.all_copies().at(field.frame(index, LOOP), t, field.fade)
    return render(Gaussians.concatenate(still, moving), VIEW).image


@pytest.fixture(scope="module")
def scene():
    still = wall((0, WIDTH), depth=6.5, step=4)
    field = distil(moving_field(wall((16, 48)), uniform_grid(), LOOP, 5), SMALL, steps=20)
    return still, field


@pytest.mark.parametrize("t", [0.0, 0.3, 0.5, 0.9])
def test_tensors_show_what_the_records_show(scene, t):
    still, field = scene
    random = np.random.default_rng(0)
    values = random.normal(scale=0.4, size=field.parameters.shape).astype(np.float32)
    field = replace(field, parameters=values)
    image = TrainableHexPlane(still, field, "cpu").image(t, VIEW, "linear").detach().numpy()
    np.testing.assert_allclose(image, shown(still, field, t), atol=2e-4)


def test_every_part_of_the_network_learns_from_pictures(scene):
    still, field = scene
    model = TrainableHexPlane(still, field, "cpu")
    optimiser = model.optimiser()
    for _ in range(2):  # the heads' last layers are zero at first and let no gradient through
        optimiser.zero_grad()
        model.image(0.3, VIEW, "linear").square().sum().backward()
        optimiser.step()
    for name, value in model.network.named_parameters():
        assert value.grad is not None, name
        assert (value.grad != 0).any() or name.endswith("bias"), name


def test_training_recovers_part_of_what_was_taken_away(scene):
    still, field = scene
    times = (0.0, *map(float, TIMES))
    frames = [AnimationFrame(t, shown(still, field, t), MASK, VIEW) for t in times]
    darker = replace(field.gaussians, colors=0.6 * field.gaussians.colors)
    worse = replace(field, base_line=replace(field.base_line, gaussians=darker))
    found, figures = train_moving(still, worse, frames, iterations=24)
    assert isinstance(found, HexPlaneField)
    assert figures["held_out_loss_after"] < 0.9 * figures["held_out_loss_before"]
    assert not np.array_equal(found.parameters, field.parameters)
    np.testing.assert_array_equal(found.means_at(0.0), field.gaussians.means)
