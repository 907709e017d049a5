"""The viewport shows surfels from anywhere, about as many as asked; renders do not change."""

import numpy as np
import pytest
from tests.addon import synthetic

from livescape_shared.conventions import srgb_to_linear, window, windowed_opacity
from livescape_shared.gaussians import Gaussians, control_points

TILE, LEAST_OPACITY = 1.2, 0.3
SURFELS, BILLBOARDS = ["Livescape Viewport"], ["Livescape Gaussians"]


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    folder = tmp_path_factory.mktemp("viewport")
    return {**blender.run("viewport.py", folder), "folder": folder}


def drawn(result, name):
    values = np.load(result["folder"] / f"{name}.npz")
    shapes = {"corners": (-1, 4, 3), "uv": (-1, 4, 2), "rgba": (-1, 4), "opacity": (-1,)}
    return {key: values[key].reshape(shape) for key, shape in shapes.items()}


def played():
    """Return the Gaussians of frame 9 as Blender lists them, and their opacities."""
    made = synthetic.scene(static=3000, pairs=500)
    position = 9 - made.meta.start_frame
    frame = made.frame(position)
    moving = made.moving.gaussians
    share = window(made.moving.windows, position / made.meta.loop_frames, made.meta.fade)
    shown = windowed_opacity(moving.opacities, share)
    at = Gaussians(frame.means, frame.quats, frame.scales, moving.opacities, moving.colors)
    return Gaussians.concatenate(at, made.static), np.concatenate([shown, made.static.opacities])


def surfels(gaussians, uv):
    """Return corners by plain numpy: mean + u, v times the two largest axes."""
    points = control_points(gaussians.means, gaussians.quats, gaussians.scales)
    axes = points[:, 1:] - points[:, :1]
    kept = np.array([[1, 2], [0, 2], [0, 1]])[np.argmin(gaussians.scales, axis=1)]
    spanned = np.take_along_axis(axes, kept[:, :, None], axis=1)
    return points[:, :1] + uv @ spanned


def test_every_gaussian_is_a_tile_along_its_two_largest_axes(result):
    gaussians, opacities = played()
    found = drawn(result, "all")
    assert result["all"] == [4000, 16000, SURFELS]
    there = (opacities > LEAST_OPACITY)[:, None, None]
    assert 0.2 < there.mean() < 1.0, "some are too transparent"
    wanted = surfels(gaussians, np.sign(found["uv"]) * TILE * there)
    np.testing.assert_allclose(found["corners"], wanted, atol=1e-4)
    np.testing.assert_allclose(found["rgba"][:, :3], srgb_to_linear(gaussians.colors), atol=1e-5)


def test_tiles_are_opaque(result):
    assert result["transparent nodes"] == []


def test_it_does_not_depend_on_the_camera(result):
    before, after = drawn(result, "all"), drawn(result, "elsewhere")
    for name, values in before.items():
        np.testing.assert_array_equal(after[name], values)


def test_the_budget_is_kept_and_the_area_too(result):
    faces, vertices, materials = result["budget"]
    assert 980 <= faces <= 1010
    assert vertices == 4 * faces
    assert materials == SURFELS
    everything, some = drawn(result, "all"), drawn(result, "budget")
    areas = [np.linalg.norm(_area(quads["corners"]), axis=1).sum() for quads in (everything, some)]
    assert areas[1] == pytest.approx(areas[0], rel=0.1)
    assert result["least"] <= 2


def _area(corners):
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0])


def test_exact_is_what_renders_show(result):
    assert result["exact"][::2] == [4000, BILLBOARDS]
    assert result["kept"] == [1000, True]


def test_through_the_camera_it_is_what_renders_show(result):
    assert result["through"] == [4000, 16000, BILLBOARDS]
    through, exact = drawn(result, "through"), drawn(result, "exact")
    for name, values in exact.items():
        np.testing.assert_array_equal(through[name], values)


def test_through_the_camera_the_budget_is_kept_and_the_area_too(result):
    faces, vertices, materials = result["through budget"]
    assert 980 <= faces <= 1010
    assert (vertices, materials) == (4 * faces, BILLBOARDS)
    everything, some = drawn(result, "through"), drawn(result, "through_budget")
    areas = [np.linalg.norm(_area(quads["corners"]), axis=1).sum() for quads in (everything, some)]
    assert areas[1] == pytest.approx(areas[0], rel=0.15)


def test_objects_are_told_how_the_viewports_look(result):
    looked = result["looked"]
    if not looked.pop("views"):
        pytest.skip("this Blender has no viewport in the background")
    assert looked == {
        "elsewhere": [False, 0],
        "through": [True, 1],
        "another camera": [False, 0],
        "its own camera": [True, 1],
        "from above": [False, 0],
    }


def test_show_in_viewport_lights_as_renders_do(result):
    if not result["shadings"]:
        pytest.skip("this Blender has no viewport in the background")
    for shading in result["shadings"]:
        assert shading == ["MATERIAL", True, True], "the sun of Blender's own light casts shadows"


@pytest.mark.parametrize("name", ["budget render", "exact render", "through render", "without"])
def test_renders_are_the_same_bit_by_bit(result, name):
    """Whatever the viewport is told, and with the viewport's branch taken out of the nodes."""
    image = np.load(result["before"])
    assert image[..., 3].mean() > 0.1
    np.testing.assert_array_equal(np.load(result[name]), image)


def test_an_object_of_an_earlier_version_is_rebuilt(result):
    splats, image = result["renewed"]
    assert splats == 60_000
    np.testing.assert_array_equal(np.load(image), np.load(result["before"]))
