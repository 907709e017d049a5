"""A server on another machine, from the add-on: paired by its line, tested, chosen, used."""

import os
import subprocess
import sys
import time

import pytest
from tests.addon.conftest import ROOT

from livescape.server.remote.invite import invite
from livescape_shared.connection import read_connection_file

STARTUP_S = 60.0


class Box:
    """A server process; with an address of its own it stands for another machine."""

    def __init__(self, folder, *options):
        self.state_dir = folder
        paths = os.pathsep.join(str(ROOT / part) for part in ("backend", "shared", "."))
        command = [sys.executable, "-m", "livescape.server", "--state-dir", str(folder)]
        command += ["--job", "tests.addon.jobs:generate", "--parent-pid", str(os.getpid())]
        with (folder / "log.txt").open("wb") as log:
            self.process = subprocess.Popen(
                [*command, *options],
                env={**os.environ, "PYTHONPATH": paths},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + STARTUP_S
        while read_connection_file(folder) is None and time.monotonic() < deadline:
            assert self.process.poll() is None, (folder / "log.txt").read_text()
            time.sleep(0.05)

    def line(self, address="", lifetime_s=600.0):
        return invite(self.state_dir, address, lifetime_s).line()

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    far = Box(tmp_path_factory.mktemp("far"), "--listen", "127.0.0.2:0")
    near = Box(tmp_path_factory.mktemp("near"))
    folder = tmp_path_factory.mktemp("servers")
    file = folder / "box.livescape-server"
    file.write_text(far.line())
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LIVESCAPE_STATE_DIR", str(near.state_dir))
            patch.delenv("LIVESCAPE_PYTHON", raising=False)
            yield blender.run(
                "servers.py",
                folder,
                line=far.line(),
                used=far.line(lifetime_s=0.0),
                elsewhere=far.line("gpu-box.invalid"),
                file=str(file),
                state=str(near.state_dir),
                keys=str(near.state_dir / "client" / "key.json"),
            )
    finally:
        far.stop()
        near.stop()


def test_pairs_by_line_or_file_and_says_so(result):
    assert result["paired"] == result["by file"] == ["FINISHED"]
    assert result["told"].startswith(f"Paired with {result['name']} (127.0.0.2:")
    assert result["again by another line"] == ["FINISHED"], "it is paired, whatever the line says"


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("bad line", "This is not the line by which a Livescape server introduces itself"),
        ("bad file", "This is not the line by which a Livescape server introduces itself"),
        ("offline", "Blender's online access is off"),
        ("unknown", "There is no paired server called 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(result, case, sentence):
    assert sentence in result[case]
    assert "Traceback" not in result[case]


def test_a_test_says_device_memory_version_and_round_trip(result):
    assert result["tested"] == result["here"] == ["FINISHED"]
    for part in (" free", "Livescape 0", "answers in"):
        assert part in result["standing"]


def test_the_choice_is_there_once_there_is_one(result):
    assert not [each for each in result["nothing paired"] if each.startswith("menu")]
    assert "operator livescape.use_server This Computer" in result["nothing paired"]
    assert result["chosen"] == [["FINISHED"], result["name"]]
    assert f"menu Computes on {result['name']}" in result["drawn"]
    assert f"operator livescape.use_server {result['name']}" in result["drawn"]
    assert "operator livescape.remove_server" in result["drawn"]
    assert any(" free" in each for each in result["drawn"])


def test_a_scene_made_elsewhere_has_the_same_cache(result):
    far, near = result["far"], result["near"]
    assert (far["outcome"], far["note"]) == (["FINISHED"], "Far: 1000 Gaussians, 400 moving")
    assert near["outcome"] == ["FINISHED"]
    assert len(far["cache"]) >= 3
    assert far["cache"] == near["cache"]


def test_the_preferences_say_how_scenes_are_packed(result):
    packed = result["packed"]
    assert {name: case["asked"] for name, case in packed.items()} == {
        "NONE": "", "LOSSLESS": "zstd", "HALF": "zstd+float16",
    }  # fmt: skip
    everything = sorted(result["far"]["cache"])
    assert packed["NONE"]["equal"] == packed["LOSSLESS"]["equal"] == everything
    assert sorted({*everything} - {*packed["HALF"]["equal"]}) == ["moving.pc2"]
    assert "prop compression" in result["drawn"]
    assert "prop compression" not in result["nothing paired"]


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("gone", "server_not_paired"),
        ("offline generate", "online_access_off"),
        ("unresolved", "server_unreachable"),
    ],
)
def test_a_server_that_cannot_be_used_is_named_by_a_code(result, case, code):
    assert result[case]["code"] == code
    assert result[case]["cache"] == {}


def test_nothing_waits_in_blenders_own_thread(result):
    assert result["slow"] == "done"
    assert result["longest tick"] < 0.5, "of the second that it took"
    assert result["threads"] == []


def test_no_file_of_blender_holds_a_secret(result):
    assert result["files searched"] >= 2
    assert result["secrets in files"] == []


def test_a_server_that_is_removed_is_no_longer_chosen(result):
    assert result["removed"] == [["FINISHED"], ""]
