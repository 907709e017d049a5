"""Whatever an artist does to camera, object and time, the picture stays exact."""

import numpy as np
import pytest
from tests.addon import oracle, synthetic

from livescape_shared.camera import Camera
from livescape_shared.conventions import linear_to_srgb, srgb_to_linear


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return blender.run("situations.py", tmp_path_factory.mktemp("situations"))


def _display(values):
    return linear_to_srgb(np.clip(values, 0.0, 1.0).astype(np.float32))


def test_every_situation_equals_the_oracle(result):
    scene = synthetic.scene(static=1500, pairs=500)
    figures = {}
    for shot in result["shots"]:
        gaussians = oracle.transformed(scene.seen_at(shot["seen"]), shot["object"])
        camera = Camera.from_dict(shot["camera"])
        colors = srgb_to_linear(gaussians.colors)
        wanted, alpha = oracle.render_linear(gaussians, colors, camera)
        assert alpha.mean() > 0.1, f"{shot['name']} would be empty"
        image = np.load(shot["image"])
        figures[shot["name"]] = oracle.psnr(_display(image[..., :3]), _display(wanted))
    assert len(figures) == 9
    assert min(figures.values()) >= 50.0, figures


@pytest.mark.parametrize("kind", ["surfels", "billboards"])
def test_without_a_camera_all_is_finite_and_nothing_is_said(result, kind):
    found = result["no camera"][kind]
    assert found["finite"]
    assert found["visible"] > 100
    assert found["said"] == ""
