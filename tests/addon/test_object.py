"""The object plays from its cache alone, anywhere, and is rebuilt in place."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from tests.addon import oracle

PLAYED = re.compile(r"//livescape/Livescape-[0-9a-f]{8}/moving\.pc2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("object")


@pytest.fixture(scope="module")
def built(blender, folder):
    return blender.run("object_build.py", folder)


@pytest.fixture(scope="module")
def elsewhere(blender, built, folder):
    moved = folder / "moved to another place"
    shutil.copytree(Path(built["blend"]).parent, moved)
    shutil.rmtree(Path(built["blend"]).parent)
    frames = [int(frame) for frame in built["images"]]
    blend, resources = str(moved / "shot.blend"), folder / "no_addon"
    return blender.run(
        "object_elsewhere.py", folder, resources=resources, blend=blend, frames=frames
    )


def test_same_pixels_elsewhere_without_the_addon(built, elsewhere):
    assert not elsewhere["has_addon"]
    assert not elsewhere["autorun"]
    for frame, image in built["images"].items():
        ours, theirs = np.load(image), np.load(elsewhere["images"][frame])
        assert ours[..., 3].mean() > 0.3
        np.testing.assert_array_equal(ours, theirs)


def test_loop_repeats_before_and_after(built):
    images = {frame: np.load(image) for frame, image in built["images"].items()}
    # copies exchange their places in odd loops, which moves them by 1e-5 of their depth
    assert oracle.psnr(images["5"], images["17"]) > 55.0
    assert oracle.psnr(images["5"], images["-7"]) > 55.0
    assert np.abs(images["5"] - images["10"]).mean() > 0.01


def test_cache_is_listed_relative(built):
    assert any(
        re.fullmatch(r"//livescape/Livescape-[0-9a-f]{8}/moving\.pc2", path)
        for path in built["paths"]
    )


def test_drivers_need_no_python(built):
    assert len(built["drivers"]) == 10
    assert all(valid and simple for valid, simple in built["drivers"])


def test_only_moving_or_only_static_works(built):
    alone = built["variants"]
    assert min(alone.values()) > 0.05
    assert max(alone.values()) < built["both"]


def test_rebuilding_keeps_the_object_and_leaves_no_debris(built):
    rebuilt = built["rebuilt"]
    assert rebuilt["same"]
    assert (rebuilt["x"], rebuilt["speed"]) == (0.25, 0.5)
    assert rebuilt["blocks"][0] == rebuilt["blocks"][1]
    assert rebuilt["drivers"] == 10


def test_only_the_camera_sees_it(built):
    assert built["visible"] == [False, False, False, True]
