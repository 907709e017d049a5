"""Motion blur is the average of the shutter's instants, also where the loop closes."""

import numpy as np
import pytest
from tests.addon import oracle


@pytest.fixture(scope="module")
def images(blender, tmp_path_factory):
    return blender.run("motion_blur.py", tmp_path_factory.mktemp("motion_blur"))


def _average(images, moment):
    return np.mean([np.load(path) for path in images[moment]["instants"]], axis=0)


@pytest.mark.parametrize("moment", ["middle", "seam"])
def test_blur_equals_the_average(images, moment):
    average = _average(images, moment)
    blurred = oracle.psnr(np.load(images[moment]["blurred"]), average)
    sharp = oracle.psnr(np.load(images[moment]["instants"][6]), average)
    assert blurred >= 42.0
    assert blurred > sharp + 10.0


def test_without_exchanged_copies_the_seam_would_streak(images):
    jumping = np.load(images["jumping seam"])
    assert oracle.psnr(jumping, _average(images, "seam")) < 35.0
