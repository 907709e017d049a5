"""``livescape run`` and ``batch`` with a scene that a server on another machine makes."""

import json
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import cv2
import pytest
from tests.addon import jobs
from tests.server.harness import Server, environment, wait_for

from livescape.commands.main import main
from livescape.imaging.png import read_pixels, write_png
from livescape.server.remote.invite import invite
from livescape_shared.connection import STATE_DIR_VARIABLE

ROOT = Path(__file__).parents[2]
SMALL = {"working_size": 128, "gaussian_budget": 3000, "fit_iterations": 20, "views": 2,
         "deform_iterations": 2, "loop_frames": 4}  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that computes for other machines."""
    running = Server(
        tmp_path_factory.mktemp("far"),
        "--listen", "127.0.0.2:0", "--job", "livescape.pipeline:generate",
    )  # fmt: skip
    yield running
    assert running.stop() == 0


@pytest.fixture
def laptop(tmp_path, monkeypatch):
    """Another user's machine, with a photo."""
    monkeypatch.setenv(STATE_DIR_VARIABLE, str(tmp_path / "state"))
    image = read_pixels(ROOT / "demo" / "chenonceau_river.jpg")
    write_png(tmp_path / "photo.png", cv2.resize(image[200:650, :600], (160, 120)))
    return tmp_path


def make(laptop, name, *more):
    """Run the command; return the files that it has written."""
    out = laptop / name
    words = [word for setting in SMALL.items() for word in ("--set", *map(str, setting))]
    words += ["--out", str(out), "--render", str(out / "frames"), "--frames", "1,3"]
    command = [sys.executable, "-m", "livescape", "run", str(laptop / "photo.png"), *words, *more]
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    assert " moving" in done.stderr
    paths = [path for path in sorted(out.rglob("*")) if path.suffix in (".png", ".ply")]
    return {str(path.relative_to(out)): path.read_bytes() for path in paths}


def test_frames_of_a_scene_made_elsewhere_are_equal_to_those_made_here(server, laptop):
    line = invite(server.state_dir, "", 600.0).line()
    far = make(laptop, "far", "--server", line)
    assert sorted(far) == ["first_frame.ply", "frames/0001.png", "frames/0003.png"]
    report = json.loads((laptop / "far" / "report.json").read_text())
    assert str(server.state_dir) not in json.dumps(report)
    kept = list((laptop / "state" / "cache").iterdir())
    assert [path for path in kept if path.name.startswith("fetched-")] == []
    assert far == make(laptop, "near")


def test_a_list_of_shots_is_made_elsewhere(server, laptop):
    invitation = invite(server.state_dir, "", 600.0)
    file = laptop / "gpu.livescape-server"
    file.write_text(invitation.line())
    shots = [{"name": name, "photo": "photo.png", "render": False} for name in ("one", "two")]
    values = {"format": "livescape-shots", "version": 1, "shots": shots}
    shots[1]["settings"] = {"speed": 1.5}
    (laptop / "shots.json").write_text(json.dumps({**values, "defaults": {"settings": SMALL}}))
    assert main(["batch", str(laptop / "shots.json"), "--server", str(file)]) == 0
    for name in ("one", "two"):
        assert (laptop / name / "first_frame.ply").stat().st_size > 1000


def test_an_interrupt_stops_the_job_there(laptop, tmp_path_factory, capsys):
    far = Server(
        tmp_path_factory.mktemp("slow"), "--listen", "127.0.0.2:0", job="tests.addon.jobs:generate"
    )
    line = invite(far.state_dir, "", 600.0).line()
    command = [sys.executable, "-m", "livescape", "run", str(laptop / "photo.png")]
    command += ["--server", line, "--set", "seed", str(jobs.SLOW)]
    # A shell lets what it runs in the background ignore interrupts, and so this test's program.
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    waiting = subprocess.Popen(command, env=environment(), preexec_fn=heard)

    def state():
        assert main(["jobs", "--json", "--state-dir", str(far.state_dir)]) == 0
        return [job["state"] for job in json.loads(capsys.readouterr().out).values()]

    try:
        wait_for(lambda: state() == ["running"], 60, "the job")
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(30) == 130
        wait_for(lambda: state() == ["cancelled"], 15, "its end")
    finally:
        waiting.kill()
        waiting.wait(10)
    assert far.stop() == 0


def test_what_a_server_cannot_be_told_or_does_not_make_is_one_sentence(server, laptop, capsys):
    photo = str(laptop / "photo.png")
    assert main(["run", photo, "--server", "nobody"]) == 2
    assert capsys.readouterr().err.split("\n")[-2].startswith("server_not_paired")
    words = ["--server", "nobody", "--motion-checkpoint", photo]
    assert main(["run", photo, *words]) == 2
    assert capsys.readouterr().err.startswith("settings_invalid: Checkpoints are files")
    line = invite(server.state_dir, "", 600.0).line()
    path = laptop / "wall.png"
    write_png(path, read_pixels(ROOT / "demo" / "chenonceau_river.jpg")[:100, :100])
    depth = laptop / "depth.png"
    depth.write_bytes(b"no depth")
    words = ["--server", line, "--depth", str(depth), "--set", "depth", "file"]
    assert main(["run", photo, *words]) == 2
    assert "depth_unreadable" in capsys.readouterr().err
