"""A bold move costs the photo's own view nothing, and the whole budget is used, no more."""

import pytest
from tests.pipeline.support import camera, request, run

from livescape_shared.camera import CameraPath

FRAMES = 12
BOLD = CameraPath(
    camera(),
    tuple(camera(0.1 * index, 0.15 * index) for index in range(FRAMES)),
    tuple(range(1, FRAMES + 1)),
)
"""Two metres forward and to the right, with what is nearest less than eight metres away."""


def made(folder, budget, path=BOLD, **settings):
    """A scene with as many views as a draft has, fitted just long enough to settle."""
    own = {"fit_iterations": 60, "deform_iterations": 0, "views": 7, "loop": "off"} | settings
    return run(request(path, gaussian_budget=budget, **own), folder)


def test_a_bold_move_does_not_blur_the_photo(tmp_path):
    """Where the photo has its turn as one view of seven, and budget lies idle, it is 28.4 dB."""
    assert made(tmp_path, 5000).report["reference_view_psnr"] > 30.0


@pytest.mark.parametrize(
    ("budget", "settings"),
    [
        (5000, {}),
        (5000, {"loop": "on"}),
        (5000, {"speed": 12.0}),
        (5000, {"deform": "drift", "loop": "on"}),
        (3000, {"density": "fixed"}),
    ],
)
def test_the_budget_is_used_and_never_exceeded(tmp_path, budget, settings):
    meta = made(tmp_path, budget, **settings).meta
    assert meta.moving > 0
    assert 0.97 * budget <= meta.static + meta.moving <= budget
