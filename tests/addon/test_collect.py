"""A shot collected for a farm renders elsewhere, without the add-on, as it did here."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.addon import oracle


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    folder = tmp_path_factory.mktemp("collect")
    found = blender.run("collect.py", folder)
    shutil.move(folder / "farm", folder.parent / "node")
    return {**found, "folder": folder, "node": folder.parent / "node"}


def test_it_renders_on_a_node_as_it_did_here(result, blender):
    assert (result["whole"], result["again"]) == ("", "")
    # Folders of its own: a Blender that starts without the add-on removes the add-on's wheels.
    there = blender.run(
        "collected.py",
        result["node"],
        resources=result["node"] / "resources",
        blend=str(result["node"] / "shot.blend"),
    )
    here, elsewhere = np.load(result["image"]), np.load(there["image"])
    assert here[..., 3].mean() > 0.05
    assert oracle.psnr(elsewhere, here) > 60.0
    assert there["packed"] == [True]
    assert not there["addon"]


def test_the_artists_file_stays_as_it_was(result):
    path, frame, is_loose = result["still ours"]
    assert Path(path).name == "shot.blend"
    assert (frame, is_loose) == (7, True)


def test_what_cannot_be_collected_is_refused_in_a_sentence(result):
    assert "holds other files" in result["full"]
    assert (result["folder"] / "full" / "mine.txt").read_text() == "mine"
    assert "is not there" in result["lost"]
    for name in ("unsaved", "empty"):
        assert "Save the .blend" in result[name]


def test_the_job_is_one_that_farms_take(result):
    runner = Path(sys.executable).with_name("openjd")
    done = subprocess.run(
        [runner, "check", result["node"] / "template.yaml"], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    names = {path.name for path in result["node"].iterdir()}
    assert {"shot.blend", "livescape", "template.yaml", "render_frames.py"} <= names
    assert not any(name.endswith("source.blend") for name in names)
