"""The photo moving in 2D and regions to start from, with a real server that computes them."""

import os
import subprocess
import sys
import time

import pytest
from tests.addon.conftest import ROOT
from tests.pipeline.support import crop

STARTUP_S = 60.0


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    folder, state_dir = tmp_path_factory.mktemp("preview"), tmp_path_factory.mktemp("state")
    photo = folder / "photo.png"
    photo.write_bytes(crop())
    paths = os.pathsep.join(str(ROOT / part) for part in ("backend", "shared"))
    command = [sys.executable, "-m", "livescape.server", "--state-dir", str(state_dir)]
    with (state_dir / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--parent-pid", str(os.getpid())],
            env={**os.environ, "PYTHONPATH": paths},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + STARTUP_S
        while not (state_dir / "server" / "server.json").exists() and time.monotonic() < deadline:
            assert process.poll() is None, (state_dir / "log.txt").read_text()
            time.sleep(0.05)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LIVESCAPE_STATE_DIR", str(state_dir))
            patch.delenv("LIVESCAPE_PYTHON", raising=False)
            yield blender.run("motion_preview.py", folder, photo=str(photo))
    finally:
        process.terminate()
        process.wait(20)


def test_the_photo_moves_where_and_as_it_is_drawn(result):
    assert result["outcome"] == ["FINISHED"]
    count, height, width, channels = result["images"]
    assert count > 8
    assert channels == 3
    assert result["pixels"] == [count, height * width * 4]
    assert result["changed_outside"] == 0
    assert result["changed_inside"] > 0.3
    # Ten percent of the long side in a second of 24 frames, to the left.
    assert result["flow"] == pytest.approx([-0.1 * width / 24, 0.0], abs=0.1)


def test_what_stands_is_one_image_and_a_preview_can_be_stopped(result):
    assert result["pinned"] == [["FINISHED"], 1]
    assert result["stopped"]


def test_sky_and_water_become_regions(result):
    assert result["regions"] == ["FINISHED"]
    assert any(name.startswith("Water") for name in result["names"])
    assert result["region_labels"] == ["motion"]
    assert result["added"] == len(result["names"])
    assert 0.1 < result["area"] / (160 * 120) < 1.0


def test_a_photo_that_is_not_there_is_said(result):
    assert result["problem"] in result["no_photo"] or "photo" in result["no_photo"]
    assert result["problem"] in ("photo_missing", "input_unreadable")
