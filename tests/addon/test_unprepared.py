"""A render needs no ritual; what a scene lacks is listed, with its present value, as it changes."""

import numpy as np
import pytest
from tests.addon import oracle

from livescape_shared.conventions import linear_to_srgb

LABELS = {"Transparent Bounces", "Samples", "View Transform", "Clip End"}


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return blender.run("unprepared.py", tmp_path_factory.mktemp("unprepared"))


def _display(path):
    return linear_to_srgb(np.clip(np.load(path)[..., :3], 0.0, 1.0).astype(np.float32))


def test_no_black_clots_without_preparation(result):
    shots = result["shots"]
    wanted, plain, black = (
        _display(shots[name]) for name in ("prepared", "unprepared", "black behind")
    )
    dark = [(picture.max(-1) < 0.5 * wanted.max(-1)).mean() for picture in (plain, black)]
    assert dark[0] < 0.02
    assert dark[1] > 5 * dark[0] + 0.05, "which is what Cycles makes of it by itself"
    assert oracle.psnr(plain, wanted) > oracle.psnr(black, wanted) + 5.0


def test_a_render_says_what_it_lacks(result):
    assert result["lacking"].startswith("not set for Gaussians: Transparent Bounces (8, min 0)")
    assert result["lacking when prepared"] == ""
    assert result["without an object"] == {}


def test_faces_are_sorted_for_the_engine_that_is_chosen(result):
    assert result["sorted"] == {"EEVEE": True, "CYCLES": False}


def test_every_line_has_its_present_value(result):
    before = result["steps"]["CYCLES"]["before"]
    assert set(before) >= LABELS
    assert before["Transparent Bounces"] == ["8, min 0", False]
    assert before["View Transform"] == ["AgX", False]
    assert before["Clip End"] == ["1000", False]
    assert before["Objects"][1] is False
    assert "Transparent Bounces" not in result["steps"]["EEVEE"]["before"]


@pytest.mark.parametrize("engine", ["CYCLES", "EEVEE"])
def test_each_button_puts_its_line_right(result, engine):
    assert all(right for _, right in result["steps"][engine]["after"].values())


def test_the_list_follows_the_scene(result):
    steps = result["steps"]
    assert all(right for _, right in steps["prepared"].values())
    assert steps["prepared"]["Samples"][0].startswith("1, Box")
    assert [name for name, line in steps["with a mesh"].items() if not line[1]] == ["Samples"]
    assert all(right for _, right in steps["with a mesh, put right"].values())
    assert steps["with a mesh, put right"]["Samples"][0].startswith("4096, Blackman-Harris 1.5")
    assert steps["alone again"]["Samples"][1] is False
    assert steps["blurred"]["Motion Blur"] == ["on", False]
    assert steps["AgX"]["View Transform"] == ["AgX", False]
    assert steps["restored"]["Transparent Bounces"] == ["8, min 0", False]


def test_meshes_and_gaussians_in_one_picture_are_both_right(result):
    shots = {name: np.load(path) for name, path in result["together"].items()}
    both, exact = _display(result["together"]["both"]), _display(result["together"]["exact"])
    assert oracle.psnr(both, exact) > 30.0, "the filter softens Gaussians, and no more"
    mesh, mesh_exact = shots["mesh"], shots["mesh exact"]
    inside = mesh_exact[..., 3] == 1.0
    assert 0.02 < inside.mean() < 0.5
    edge = (mesh[..., 3] > 0.05) & (mesh[..., 3] < 0.95)
    assert edge.sum() > 50, "its edge is smooth"
    hidden = np.abs(shots["both"][..., :3] - mesh[..., :3]).max(-1) < 1e-3
    assert (hidden & inside).sum() > 0.05 * inside.sum(), "where nothing is in front, the mesh is"
