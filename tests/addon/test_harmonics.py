"""Colour that depends on the view is what the backend computes, for every degree."""

import numpy as np
import pytest
from tests.addon import oracle, synthetic

from livescape_shared.camera import Camera
from livescape_shared.conventions import linear_to_srgb
from livescape_shared.gaussians import Gaussians


@pytest.fixture(scope="module")
def rendered(blender, tmp_path_factory):
    return blender.run("harmonics.py", tmp_path_factory.mktemp("harmonics"))


def _seen_from(gaussians: Gaussians, degree: int, camera: Camera, matrix) -> Gaussians:
    """Return the Gaussians with the colours that the camera sees, not below 0."""
    torch = pytest.importorskip("torch")
    basis = pytest.importorskip("livescape.engine.rasterize.spherical_harmonics")
    position = np.linalg.inv(matrix) @ [*camera.position, 1.0]
    directions = gaussians.means - position[:3]
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    values = basis.spherical_harmonics_basis(torch.from_numpy(directions), degree).numpy()
    rest = synthetic.harmonics(len(gaussians), degree)
    colors = gaussians.colors + np.einsum("nk,nkc->nc", values[:, 1:], rest)
    return Gaussians(
        gaussians.means, gaussians.quats, gaussians.scales, gaussians.opacities,
        np.maximum(colors, 0.0),
    )  # fmt: skip


def test_every_degree_equals_the_backend(rendered):
    render = pytest.importorskip("livescape.gaussians.render").render
    static = synthetic.scene(static=1500, pairs=0).static
    figures, without = {}, {}
    for shot in rendered["shots"]:
        matrix, camera = np.array(shot["object"]), Camera.from_dict(shot["camera"])
        seen = _seen_from(static, shot["degree"], camera, matrix)
        image = np.load(shot["image"])[..., :3]
        image = linear_to_srgb(np.clip(image, 0.0, 1.0))
        wanted = render(oracle.transformed(seen, matrix), camera).image
        flat = render(oracle.transformed(static, matrix), camera).image
        figures[shot["name"]] = oracle.psnr(image, wanted)
        without[shot["name"]] = oracle.psnr(image, flat)
    assert min(figures.values()) >= 50.0, figures
    assert max(without.values()) < 35.0, without


def test_wrong_shapes_are_refused(rendered):
    assert len(rendered["refused"]) == 3
    assert "(1500, 4, 3)" in rendered["refused"][0]


def test_degree_zero_costs_nothing(rendered):
    assert not [name for name in rendered["attributes"] if name.startswith("gs_sh")]
