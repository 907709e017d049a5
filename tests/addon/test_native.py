"""Blender's own splats: the attributes that 5.3 reads, which 5.2 can hold, and what 5.3 renders."""

import numpy as np
import pytest
from tests.addon import oracle, synthetic
from tests.addon.engines import ENGINES
from tests.shared.splat_samples import covariances

from livescape_shared.camera import Camera
from livescape_shared.conventions import srgb_to_linear
from livescape_shared.gaussians import Gaussians
from livescape_shared.ply import write_ply
from livescape_shared.rendering import SH_C0


def rest():
    return np.random.default_rng(3).uniform(-0.2, 0.2, (200, 8, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    folder = tmp_path_factory.mktemp("native")
    write_ply(folder / "colored.ply", synthetic.scene(static=200, pairs=1).static, rest())
    values = blender.run("native.py", folder, colored=str(folder / "colored.ply"))
    return {**values, "folder": folder}


@pytest.fixture(scope="module")
def switched(result):
    if not result["can build"]:
        pytest.skip("this Blender has no attribute of four numbers; 5.2 has")
    return result


def test_the_switch_is_offered_only_where_blender_has_splats(result):
    assert result["operator"] == result["available"]


def test_what_blender_imports_itself_becomes_the_same_gaussians(blender, tmp_path):
    wanted = synthetic.scene(static=200, pairs=1).static
    write_ply(tmp_path / "colored.ply", wanted, rest())
    found = blender.run("native_imported.py", tmp_path, colored=str(tmp_path / "colored.ply"))
    if not found["available"]:
        pytest.skip("this Blender has no import of splats; 5.3 has one")
    assert found["type"] == "GAUSSIAN_SPLAT"
    stored = np.load(tmp_path / "converted.npz")
    order = [int(np.abs(stored["means"] - mean).max(axis=1).argmin()) for mean in wanted.means]
    assert len(set(order)) == 200
    names = ("means", "quats", "scales", "opacities", "colors")
    got = Gaussians(*(stored[name][order] for name in names))
    np.testing.assert_allclose(got.means, wanted.means, atol=1e-5)
    np.testing.assert_allclose(covariances(got), covariances(wanted), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(got.opacities, wanted.opacities, atol=1e-3)
    np.testing.assert_allclose(got.colors, np.clip(wanted.colors, 0, None), atol=2e-3)
    np.testing.assert_allclose(stored["harmonics"][order], rest(), atol=1e-5)


def base_of(gaussians):
    dc = (np.clip(gaussians.colors, 0, None) - 0.5) / SH_C0
    return np.concatenate([dc, gaussians.opacities[:, None]], axis=1)


def assert_splats(points, gaussians):
    np.testing.assert_allclose(points["position"], gaussians.means, atol=1e-5)
    found = Gaussians(
        points["position"], points["rotation"], points["scale"], gaussians.opacities,
        gaussians.colors,
    )  # fmt: skip
    wanted = covariances(gaussians)
    np.testing.assert_allclose(covariances(found), wanted, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(points["radiance__base"], base_of(gaussians), atol=2e-3)


@pytest.mark.parametrize("frame", [5, 9, 16])
def test_points_are_the_gaussians_of_the_frame(switched, frame):
    """Each moving Gaussian once: its incoming copy from the middle of its fade on."""
    points = np.load(switched["folder"] / f"moving_{frame}.npz")
    assert_splats(points, shown_at(frame))
    assert len(points["position"]) == 400


def shown_at(frame):
    made = synthetic.scene(static=300, pairs=100)
    position = (frame - made.meta.start_frame) % made.meta.loop_frames
    is_late = position / made.meta.loop_frames > made.moving.windows[:100, 1]
    at, rest_of = made.frame(position), made.moving.gaussians
    moving = Gaussians(at.means, at.quats, at.scales, rest_of.opacities, rest_of.colors)
    shown = moving[np.concatenate([~is_late, is_late])]
    return Gaussians.concatenate(shown, made.static)


@pytest.mark.parametrize("engine", ENGINES)
def test_blender_renders_them(blender, tmp_path, monkeypatch, engine):
    """Noisily, and without the filter of 0.3 px that billboards have; but neither dark nor off."""
    found = blender.run("native_rendered.py", tmp_path, engine=engine)
    if not found["available"]:
        pytest.skip("this Blender has no splats of its own; 5.3 has")
    assert found["type"] == "GAUSSIAN_SPLAT"
    gaussians = oracle.transformed(shown_at(9), found["place"])
    monkeypatch.setattr(oracle, "DILATION", 1e-6)
    camera = Camera.from_dict(found["camera"])
    wanted, alpha = oracle.render_linear(gaussians, srgb_to_linear(gaussians.colors), camera)
    image = np.load(found["native"])
    assert alpha.mean() > 0.05
    assert oracle.psnr(image[..., :3], wanted) > 36.0
    np.testing.assert_allclose(image[..., :3].mean(), wanted.mean(), rtol=0.02)
    np.testing.assert_allclose(image[..., 3].mean(), alpha.mean(), rtol=0.02)


def test_imported_colours_keep_their_coefficients(switched):
    points = np.load(switched["folder"] / "imported.npz")
    assert_splats(points, synthetic.scene(static=200, pairs=1).static)
    for index in range(8):
        np.testing.assert_array_equal(points[f"radiance__sh_{index}"], rest()[:, index])


def test_switching_back_leaves_the_object_as_it_was(switched):
    assert switched["is native"] == [True, True]
    assert switched["blocks"][0] == switched["blocks"][1]
    np.testing.assert_array_equal(np.load(switched["after"]), np.load(switched["before"]))


def test_rebuilding_makes_billboards_and_leaves_no_debris(switched):
    assert switched["rebuilt"] == [False, 0, 0]
