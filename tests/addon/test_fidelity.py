"""What Cycles renders equals an exact renderer of Gaussians."""

import re

import numpy as np
import pytest
from tests.addon import oracle, synthetic

from livescape_shared.camera import Camera
from livescape_shared.conventions import linear_to_srgb, srgb_to_linear

PLAYED = re.compile(r"//livescape/Livescape-[0-9a-f]{8}/moving\.pc2")


@pytest.fixture(scope="module")
def rendered(blender):
    return blender.run("fidelity.py", blender.folder)


def _display(values):
    return linear_to_srgb(np.clip(values, 0.0, 1.0).astype(np.float32))


def test_every_shot_equals_the_oracle(rendered):
    figures = {}
    for shot in rendered["shots"]:
        scene = synthetic.scene(loop=shot["loop"])
        gaussians = oracle.transformed(scene.seen_at(shot["frame"]), shot["object"])
        colors = srgb_to_linear(gaussians.colors)
        camera = Camera.from_dict(shot["camera"])
        wanted, alpha = oracle.render_linear(gaussians, colors, camera)
        image = np.load(shot["image"])
        assert image.shape[:2] == alpha.shape
        figures[shot["name"]] = (
            oracle.psnr(_display(image[..., :3]), _display(wanted)),
            oracle.psnr(image[..., 3], alpha),
        )
        assert alpha.mean() > 0.25, "the picture would be empty"
    assert min(color for color, _ in figures.values()) >= 55.0, figures
    assert min(alpha for _, alpha in figures.values()) >= 55.0, figures


def test_both_kinds_of_motion_are_shot(rendered):
    assert [shot["loop"] for shot in rendered["shots"]] == [True] * 7 + [False] * 5


def test_motion_is_seen(rendered):
    images = {shot["name"]: np.load(shot["image"]) for shot in rendered["shots"]}
    assert oracle.psnr(images["start"][..., :3], images["middle"][..., :3]) < 30.0


def test_preparation_reports_what_it_changes(rendered):
    changes = " ".join(rendered["changes"])
    assert "cycles.transparent_max_bounces: 8 to 256" in changes
    assert "view_settings.view_transform" in changes


def test_blender_lists_the_cache(rendered):
    assert any(
        re.fullmatch(r"//livescape/Livescape-[0-9a-f]{8}/moving\.pc2", path)
        for path in rendered["paths"]
    )


def test_blender_equals_the_backend(rendered):
    render = pytest.importorskip("livescape.gaussians.render").render
    figures = {}
    for shot in rendered["shots"]:
        scene = synthetic.scene(loop=shot["loop"])
        gaussians = oracle.transformed(scene.seen_at(shot["frame"]), shot["object"])
        wanted = render(gaussians, Camera.from_dict(shot["camera"]), "linear").image
        image = _display(np.load(shot["image"])[..., :3])
        figures[shot["name"]] = oracle.psnr(image, wanted)
    assert min(figures.values()) >= 50.0, figures
