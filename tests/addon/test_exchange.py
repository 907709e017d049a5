"""Splat files come in and go out; what Blender shows of them is what the files say."""

from pathlib import Path

import numpy as np
import pytest
from plyfile import PlyData, PlyElement
from tests.addon import oracle, synthetic
from tests.shared.splat_samples import covariances, exchanged

from livescape_shared.camera import Camera
from livescape_shared.conventions import srgb_to_linear
from livescape_shared.formats.load import load_splats, to_blender
from livescape_shared.gaussians import Gaussians
from livescape_shared.harmonics import basis
from livescape_shared.ply import read_splat_ply, write_ply
from livescape_shared.splats import AXES, Splats

DATA = Path(__file__).parents[1] / "data" / "splats"


def cloud(count=600):
    return synthetic.scene(static=count, pairs=1).static


def rest(count=600):
    return np.random.default_rng(3).uniform(-0.2, 0.2, (count, 8, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exchange")
    files = {name: folder / "given" / f"{name}.ply" for name in (
        "plain", "colored", "broken", "ascii", "empty", "missing", "far", "foreign")}  # fmt: skip
    (folder / "given").mkdir()
    write_ply(files["plain"], cloud())
    _damage(files["plain"], 3)
    write_ply(files["colored"], cloud(), rest())
    files["broken"].write_bytes(files["plain"].read_bytes()[:-100])
    PlyData(PlyData.read(files["plain"]).elements, text=True).write(files["ascii"])
    write_ply(files["empty"], Gaussians.empty())
    files["foreign"].write_bytes(b"BLENDER-v405RENDH")
    _move_far(files["plain"], files["far"])
    files |= {name: DATA / f"transform.{name}" for name in ("sog", "glb")}
    given = {name: str(path) for name, path in files.items()}
    values = blender.run("exchange.py", folder, **given)
    return {**values, "folder": folder}


def _move_far(source, target):
    """Map coordinates in double precision."""
    vertex = PlyData.read(source)["vertex"].data
    wide = np.zeros(len(vertex), [(name, "<f8") for name in vertex.dtype.names])
    for name in vertex.dtype.names:
        wide[name] = vertex[name]
    wide["x"] += 5e8
    PlyData([PlyElement.describe(wide, "vertex")], byte_order="<").write(target)


def _damage(path, count):
    """Make the opacity of the first rows no number."""
    data = PlyData.read(path, mmap=False)
    data["vertex"].data["opacity"][:count] = np.nan
    data.write(path)


def seen(result, name):
    return np.load(result[name][0] if isinstance(result[name], list) else result[name])


def test_an_imported_file_looks_as_it_should(result):
    scene_colors = srgb_to_linear(cloud()[3:].colors)
    camera = Camera.from_dict(result["colored"][1])
    wanted, alpha = oracle.render_linear(cloud()[3:], scene_colors, camera)
    image = np.load(result["plain"][2])
    assert alpha.mean() > 0.1
    assert oracle.psnr(image[..., :3], wanted) > 50.0
    assert result["plain"][:2] == ["plain", [0.0, 0.0, 0.0]]
    assert result["imported as"] == "plain: 597 Gaussians; 3 with impossible values were left out"


def test_axes_turn_the_object(result):
    matrix = np.array(result["turned"][1])[:3, :3]
    np.testing.assert_allclose(matrix, AXES["y_down"], atol=1e-6)


def test_names_and_caches_stay_apart(result):
    assert result["names"] == ["plain", "plain_2"]
    assert result["caches"] == 2


def test_view_dependent_colour_is_kept_through_import_turn_and_export(result):
    """The exported file, in world space and with turned coefficients, renders as Blender does."""
    exported = read_splat_ply(result["folder"] / "colored.ply").splats
    camera = Camera.from_dict(result["colored"][1])
    directions = exported.gaussians.means - camera.position
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    shown = np.einsum("nk,nkc->nc", basis(directions, 8), exported.harmonics)
    colors = srgb_to_linear(np.maximum(exported.gaussians.colors + shown, 0.0).astype(np.float32))
    wanted, alpha = oracle.render_linear(exported.gaussians, colors, camera)
    assert alpha.mean() > 0.1
    assert oracle.psnr(seen(result, "colored")[..., :3], wanted) > 45.0


def test_an_import_is_rebuilt_from_its_cache(result):
    np.testing.assert_array_equal(seen(result, "rebuilt"), seen(result, "colored"))


def test_spz_holds_the_same_splats(result):
    path = result["folder"] / "colored.spz"
    read = load_splats(path)
    found = read.splats.transformed(np.array(to_blender(read)))
    wanted = read_splat_ply(result["folder"] / "colored.ply").splats
    np.testing.assert_allclose(found.gaussians.means, wanted.gaussians.means, atol=1e-3)
    np.testing.assert_allclose(found.harmonics, wanted.harmonics, atol=0.02)


def wanted_at(frame, matrix):
    """Return what Blender shows: half speed from frame 5 on, linear between baked frames."""
    made = synthetic.scene(static=400, pairs=100)
    position = ((frame - made.meta.start_frame) * 0.5) % made.meta.loop_frames
    t = position / made.meta.loop_frames
    moving = made.moving.at(made.frame(position), t, made.meta.fade)
    local = Gaussians.concatenate(made.static, moving)
    return Splats(local).transformed(np.array(matrix)).gaussians


@pytest.mark.parametrize("frame", [6, 8, 10])
def test_a_range_is_written_in_world_space_with_baked_opacity(result, frame):
    found = read_splat_ply(result["folder"] / f"moving_{frame:04d}.ply").splats.gaussians
    wanted = wanted_at(frame, result["matrices"][str(frame)])
    np.testing.assert_allclose(found.means, wanted.means, atol=1e-4)
    np.testing.assert_allclose(covariances(found), covariances(wanted), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(found.opacities, wanted.opacities, atol=1e-4)
    vertex = PlyData.read(result["folder"] / f"moving_{frame:04d}.ply")["vertex"]
    np.testing.assert_allclose(vertex["x"], wanted.means[:, 0], atol=1e-4)


def test_the_current_frame_is_exported_and_time_stays(result):
    assert result["frame after"] == 7
    exported = [name for name in result["files"] if name.startswith(("moving", "now"))]
    assert exported == ["moving_0006.ply", "moving_0008.ply", "moving_0010.ply", "now.ply"]
    assert not [name for name in result["files"] if "partial" in name]


def test_small_files_are_numbered_before_their_ending_and_hold_the_frame(result):
    small = [name for name in result["files"] if name.startswith("small")]
    numbered = [f"small_{number:04d}.compressed.ply" for number in (6, 8, 10)]
    assert small == ["small.glb", *numbered]
    wanted = read_splat_ply(result["folder"] / "now.ply").splats.gaussians
    found = load_splats(result["folder"] / "small.glb")
    upright = found.splats.transformed(np.array(to_blender(found))).gaussians
    np.testing.assert_allclose(upright.means, wanted.means, atol=1e-5)
    exact = read_splat_ply(result["folder"] / "moving_0008.ply").splats.gaussians.means
    packed = load_splats(result["folder"] / "small_0008.compressed.ply").splats.gaussians.means
    nearest = np.linalg.norm(packed[:, None] - exact[None], axis=2).min(axis=1)
    assert nearest.max() < 0.05


def test_the_file_menu_offers_both(result):
    for menu in result["menus"]:
        assert any(name.endswith("livescape.ui.exchange_panel") for name in menu)


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ("unsaved", "blend_unsaved"),
        ("nothing to export", "splats_missing"),
        ("none selected", "splats_missing"),
        ("broken", "ply_invalid"),
        ("ascii", "ply_invalid"),
        ("missing", "ply_invalid"),
        ("empty", "splats_empty"),
        ("foreign", "splats_foreign"),
        ("other name", "export_format_unknown"),
        ("no folder", "output_not_writable"),
    ],
)
def test_refusals(result, event, code):
    assert result[event][0] == code
    assert "Traceback" not in result[event][1]


def test_usd_is_written_where_blender_has_the_library(result):
    has_library, (code, sentence) = result["usd"]
    assert code == ("nothing" if has_library else "usd_missing")
    assert has_library or "livescape[usd]" in sentence
    assert ("moving.usdc" in result["files"]) == has_library


def test_imports_that_fail_leave_nothing(result):
    """Those that are refused, and one that breaks while its object is built."""
    assert result["empty file"] == [0, 0, 0, 0, 0, 0, 0, -1]
    assert result["fault"]
    assert result["left"] == result["empty file"]


@pytest.mark.parametrize("name", ["sog", "glb"])
def test_files_of_other_programs_stand_upright(result, name):
    """Their pictures are decoded by Blender, which keeps none."""
    wanted = exchanged().gaussians.means
    if name == "glb":
        wanted = wanted * np.float32([-1, -1, 1])  # PlayCanvas looks the other way
    found = np.array(result[name][0])
    nearest = np.linalg.norm(found[:, None] - wanted[None], axis=2).min(axis=1)
    assert len(found) == 50
    assert nearest.max() < 5e-4
    assert result[f"{name} images"] == 0


def test_map_coordinates_are_recentred_and_said(result):
    means, offset = result["far"]
    assert np.linalg.norm(np.median(means, axis=0)) < 20.0
    back = np.sort(np.array(means)[:, 0] + offset[0])
    np.testing.assert_allclose(
        back, np.sort(cloud()[3:].means[:, 0].astype(np.float64) + 5e8), atol=1e-4, rtol=0
    )
    assert "livescape_offset" in result["far note"]
