"""Blender's own splats: the attributes that 5.3 reads, as far as 5.2 can hold them.

No test has seen Blender 5.3; 4.5 cannot even hold the attributes.
"""

import numpy as np
import pytest
from tests.addon import synthetic
from tests.shared.splat_samples import covariances

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
    made = synthetic.scene(static=300, pairs=100)
    position = (frame - made.meta.start_frame) % made.meta.loop_frames
    is_late = position / made.meta.loop_frames > made.moving.windows[:100, 1]
    at, rest_of = made.frame(position), made.moving.gaussians
    moving = Gaussians(at.means, at.quats, at.scales, rest_of.opacities, rest_of.colors)
    shown = moving[np.concatenate([~is_late, is_late])]
    assert_splats(points, Gaussians.concatenate(shown, made.static))
    assert len(points["position"]) == 400


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
