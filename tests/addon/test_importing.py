"""An import goes on beside Blender: what the artist does meanwhile, and which thread does what."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from tests.addon import synthetic

from livescape_shared.formats.export import export_frames
from livescape_shared.splats import Splats

STUCK = ["cancelled", "other_file"]
GOES_ON = [
    "watched", "undo", "undo_of_what_is_built", "cancelled_late", "saved_elsewhere",
    "waiting", "saved_at_the_last_moment", "saved_while_built", "failed", "taken",
]  # fmt: skip


def wave(index):
    cloud = synthetic.scene(static=300, pairs=1).static
    return replace(cloud, means=cloud.means + np.float32([0.1, 0.0, 0.0]) * index)


def played(blender, folder, python, cases):
    pytest.importorskip("fourdgs")
    scene, pid = folder / "wave.4dgs", folder / "pid"
    export_frames(scene, ((index, Splats(wave(index))) for index in range(4)), 24.0)
    if python is None:
        python = folder / "stuck"
        python.write_text(f"#!/bin/sh\necho $$ > {pid}\nexec sleep 600\n")
        python.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIVESCAPE_PYTHON", str(python))
        return blender.run("importing.py", folder, scene=str(scene), pid=str(pid), cases=cases)


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return played(blender, tmp_path_factory.mktemp("importing"), sys.executable, GOES_ON)


@pytest.fixture(scope="module")
def stuck(blender, tmp_path_factory):
    return played(blender, tmp_path_factory.mktemp("stuck"), None, STUCK)


def test_blender_goes_on_while_a_thread_reads_and_stores(result):
    found = result["watched"]
    assert found["returned"] == ["FINISHED"]
    panel = ["label wave.4dgs", "operator livescape.cancel_import", "progress 0.00 Reading  0%"]
    assert found["meanwhile"] == [True, False, [], panel]
    assert found["calls"] > 5
    assert found["on main"] == {
        name: [False] for name in ("_has_ended", "sequence_scene", "frame", "mesh_content")
    }
    names, note, is_running = found["in the end"]
    assert "wave" in names
    assert note.startswith("wave: 300 Gaussians in 4 frames")
    assert not is_running
    assert found["active"] == "wave"


def test_an_import_that_is_cancelled_leaves_nothing(stuck):
    assert stuck["cancelled"] == ["Cancelled", [], [], False, True]


def test_another_file_ends_an_import(stuck):
    assert stuck["other_file"] == [True, False, [], [], []]


def test_a_step_of_undo_while_the_object_is_built(result):
    placing, abandoned, names, note = result["undo"]
    assert placing
    assert abandoned
    assert [name for name in names if name.startswith("cloud")].count("cloud") == 1
    assert note.startswith("cloud: 300 Gaussians")


def test_the_panel_says_what_is_waited_for(result):
    (waits, builds), names = result["waiting"]
    assert waits == "progress 1.00 Finished: waits for Object Mode  100%"
    assert builds == "progress 1.00 Building the object  100%"
    assert "cloud" in names


def test_a_step_of_undo_before_the_import_is_one_itself(result):
    built, gone, names, note, caches = result["undo_of_what_is_built"]
    assert built
    assert gone
    assert names.count("cloud") == 1
    assert note.startswith("cloud: 300 Gaussians")
    assert caches == 1


@pytest.mark.parametrize(("index", "built"), [(0, False), (1, True)])
def test_an_import_that_is_cancelled_late_leaves_nothing_either(result, index, built):
    assert result["cancelled_late"][index] == [built, "Cancelled", [], 0, []]


def test_the_cache_follows_the_file_that_is_saved_elsewhere(result):
    assert result["saved_elsewhere"] == [[], 1, True]


@pytest.mark.parametrize("moment", [0, 1])
def test_the_cache_follows_at_the_last_moment_too(result, moment):
    assert result["saved_at_the_last_moment"][moment] == [[], 1, True]


def test_what_was_built_so_far_goes_when_the_file_is_saved_or_the_add_on_ends(result):
    assert result["saved_while_built"] == [True, 0, 0, []]


def test_what_fails_late_takes_its_own_away_and_nothing_else(result):
    calls, code, names, rest, caches = result["failed"]
    assert calls > 0
    assert code == "addon_fault"
    assert names == ["Mine"]
    assert rest == [0, 0, 0]
    assert caches == []


def test_a_name_that_is_taken_meanwhile_is_left_alone(result):
    assert {"cloud", "cloud_2"} <= set(result["taken"])
