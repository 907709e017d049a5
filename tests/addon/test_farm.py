"""The farm's job, run to the movie by Open Job Description's own runner, with real Blenders."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import pytest
from tests.addon.conftest import ROOT

from livescape.imaging.png import read_pixels, write_png
from livescape.imaging.video import decode_clip

FRAMES = 2
SETTINGS = {
    "working_size": 128, "gaussian_budget": 3000, "fit_iterations": 20, "views": 2,
    "deform_iterations": 2, "loop_frames": 4,
}  # fmt: skip


def program(path, *words, **variables):
    """Write a program that starts another with fixed words and variables."""
    lines = [f"export {name}='{value}'" for name, value in variables.items()]
    call = " ".join(f"'{word}'" for word in words)
    path.write_text("\n".join(["#!/bin/sh", *lines, f'exec {call} "$@"', ""]))
    path.chmod(0o755)
    return path


class Farm:
    """A shot on one node."""

    def __init__(self, blender, place):
        self.place, self.out = place, place / "out"
        # Its own: a Blender that starts without the add-on removes the add-on's wheels.
        resources = place / "resources"
        shutil.copytree(blender.resources, resources)
        blender.run("farm_shot.py", place, frames=FRAMES)
        image = read_pixels(ROOT / "demo" / "chenonceau_river.jpg")
        write_png(place / "photo.png", cv2.resize(image[200:650, :600], (160, 120)))
        self.livescape = program(
            place / "livescape", sys.executable, "-m", "livescape",
            PYTHONPATH=os.pathsep.join([str(ROOT / "backend"), str(ROOT / "shared")]),
            LIVESCAPE_STATE_DIR=place / "state",
        )  # fmt: skip
        self.blender = program(
            place / "blender", blender.python, ROOT / "tests" / "addon" / "blender_program.py",
            BLENDER_USER_RESOURCES=resources, PYTHONDONTWRITEBYTECODE="1",
        )  # fmt: skip

    def run(self, **changes):
        """Run the job; return the exit code and what it said."""
        parameters = {
            "Name": "shot", "Scene": self.place / "scene.blend",
            "Photo": self.place / "photo.png", "CameraPath": self.place / "camera_path.json",
            "OutDir": self.out, "Frames": f"1-{FRAMES}", "Preset": "draft",
            "Settings": json.dumps(SETTINGS), "Livescape": self.livescape,
            "Blender": self.blender, **changes,
        }  # fmt: skip
        words = [word for name, value in parameters.items() for word in ("-p", f"{name}={value}")]
        runner = Path(sys.executable).with_name("openjd")
        done = subprocess.run(
            [runner, "run", ROOT / "farm" / "template.yaml", *words],
            capture_output=True, text=True, timeout=280, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def frames(self):
        """Return what each frame holds and when it was written."""
        found = sorted((self.out / "frames").iterdir())
        return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


@pytest.fixture(scope="module")
def farm(blender, tmp_path_factory):
    return Farm(blender, tmp_path_factory.mktemp("farm"))


@pytest.fixture(scope="module")
def made(farm):
    return farm.run()


def test_the_job_goes_from_the_photo_to_the_movie(farm, made):
    code, said = made
    assert code == 0, said[-4000:]
    names = [f"{number:04d}.png" for number in range(1, FRAMES + 1)]
    assert list(farm.frames()) == names
    assert {path.name for path in farm.out.iterdir()} == {
        "shot.blend", "livescape", "frames", "shot.mp4",
    }  # fmt: skip
    clip = decode_clip((farm.out / "shot.mp4").read_bytes())
    assert len(clip.frames) == FRAMES
    assert "openjd_progress" in said
    assert "openjd_status: depth" in said


def test_the_first_frame_shows_the_photo(farm, made):
    shown = read_pixels(farm.out / "frames" / "0001.png").astype(float)
    photo = cv2.resize(read_pixels(farm.place / "photo.png"), (64, 48), interpolation=3)
    assert abs(shown - photo).mean() < 25.0
    assert shown.std() > 20.0


def test_what_is_there_is_not_made_again(farm, made):
    before = farm.frames()
    (cache,) = (farm.out / "livescape").iterdir()
    (farm.out / "frames" / "0002.png").unlink()
    (farm.out / "frames" / ".0001.7.png").write_bytes(b"of a render that was broken off")
    code, said = farm.run()
    assert code == 0, said[-4000:]
    assert f"{cache.name} is there already" in said
    assert list((farm.out / "livescape").iterdir()) == [cache]
    after = {name: frame for name, frame in farm.frames().items() if not name.startswith(".")}
    assert after.keys() == before.keys()
    assert [name for name in after if after[name] != before[name]] == ["0002.png"]


def test_a_job_that_cannot_be_done_says_why(farm, made):
    code, said = farm.run(Photo=farm.place / "scene.blend")
    assert code != 0
    assert "openjd_fail: photo_unreadable" in said or "photo_unreadable:" in said
    assert "0001.png: rendered" not in said
