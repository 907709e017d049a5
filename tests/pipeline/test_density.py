"""Density control inside a generation: the budget holds and moving Gaussians stay moving ones."""

import numpy as np
from tests.pipeline.support import TINY, request, run

from livescape.cameras.projection import project_points
from livescape.layout.scene_layout import estimate_layout
from livescape.stages.door import read_inputs


def share_on_what_moves(scene, asked):
    """Share of the moving Gaussians that the photo shows on its sky or water."""
    inputs = read_inputs(asked)
    layout = estimate_layout(inputs.image)
    moves = (layout.sky > 0.3) | (layout.water > 0.3)
    positions, _ = project_points(scene.moving.gaussians.means, inputs.camera)
    x, y = np.floor(positions).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < moves.shape[1]) & (y < moves.shape[0])
    return moves[y[inside], x[inside]].mean()


def test_an_adaptive_scene_keeps_budget_and_kinds(tmp_path):
    asked = request(fit_iterations=60, deform_iterations=0, views=2)
    scene = run(asked, tmp_path)
    assert scene.meta.static + scene.meta.moving <= TINY.gaussian_budget
    # The sky goes on behind the castle, so the share is not 1; mixed-up kinds would halve it.
    assert len(scene.moving) > 100
    assert share_on_what_moves(scene, asked) > 0.7
