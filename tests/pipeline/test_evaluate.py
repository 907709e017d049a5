"""What a generation reports about itself, on a scene whose truth is known."""

import json

import numpy as np
import pytest
from tests.deform.support import HEIGHT, VIEW, WIDTH, uniform_grid, wall

from livescape.deform.living_scene import LivingScene
from livescape.deform.trajectories import moving_field
from livescape.evaluate.scene import evaluate_scene
from livescape.gaussians.render import render
from livescape_shared.gaussians import Gaussians
from livescape_shared.scene import SceneMeta

COLUMNS = (0, 32)
MASK = np.zeros((HEIGHT, WIDTH), np.float32)
MASK[:, slice(*COLUMNS)] = 1.0


class Watched(LivingScene):
    """A scene that refuses to be asked for a loop frame that is not baked."""

    def at_loop_frame(self, index):
        assert 0 <= index <= self.meta.loop_frames
        return super().at_loop_frame(index)


def scene(loop, speed=1.0, moving=True, loops=True):
    gaussians = wall(COLUMNS) if moving else Gaussians.empty()
    field = moving_field(gaussians, uniform_grid(speed, COLUMNS, loop=loops), loop, 6)
    still = wall((0, WIDTH), depth=6.4)
    rows = len(field.all_copies().windows)
    meta = SceneMeta(len(still), rows, loop, loops, field.fade, 1, 24.0, "linear")
    return Watched(still, field, json.dumps(meta.to_dict()), "{}")


def photo(shown):
    return render(shown.at_loop_frame(0), VIEW).image


@pytest.mark.parametrize("speed", [0.5, 1.0])
def test_motion_is_measured_where_it_is(speed):
    living = scene(48, speed)
    figures = evaluate_scene(living, photo(living), MASK, VIEW)
    assert 0.4 * speed < figures["motion_inside_px"] < 1.3 * speed
    assert figures["motion_outside_px"] < 0.2 * figures["motion_inside_px"]
    assert figures["loop_error"] < 1e-5


def test_fidelity_is_that_of_the_first_frame():
    living = scene(16)
    same = evaluate_scene(living, photo(living), MASK, VIEW)
    assert same["reference_view_psnr"] > 90.0
    assert same["reference_view_ssim"] == pytest.approx(1.0)
    darker = evaluate_scene(living, (0.9 * photo(living)).astype(np.float32), MASK, VIEW)
    difference = 0.1 * photo(living)
    expected = -10.0 * np.log10(np.mean(difference**2))
    assert darker["reference_view_psnr"] == pytest.approx(expected, abs=0.02)
    assert darker["reference_view_ssim"] < 1.0


@pytest.mark.parametrize("loops", [False, True])
@pytest.mark.parametrize("loop", [2, 3, 4, 5, 7])
def test_the_shortest_loops_are_measured_within_the_loop(loop, loops):
    living = scene(loop, loops=loops)
    assert evaluate_scene(living, photo(living), MASK, VIEW)["motion_inside_px"] > 0.1


def test_a_shot_has_no_loop_to_close():
    figures = evaluate_scene(living := scene(16, loops=False), photo(living), MASK, VIEW)
    assert "loop_error" not in figures


def test_a_still_scene_has_no_motion_to_report():
    living = scene(8, moving=False)
    figures = evaluate_scene(living, photo(living), MASK, VIEW)
    assert set(figures) == {"reference_view_psnr", "reference_view_ssim", "loop_error"}
    assert figures["loop_error"] == 0.0
