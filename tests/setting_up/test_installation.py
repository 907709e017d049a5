"""Setting up for real: uv, small wheels, an environment that is current only once it is whole."""

import json
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.setting_up.wheels import BACKEND, ROOT, bundle_of, write_wheel

from livescape_shared.errors import Cancelled, LivescapeError
from setting_up.bundle import find_bundle, unpack_installer
from setting_up.commands import Wishes
from setting_up.installation import Installation, Removal
from setting_up.machine import LINUX, MACOS, Machine
from setting_up.place import Installed, Place

WAIT_S = 120.0


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "user folder ü" / "backend")


def set_up(bundle, place, wishes, machine=None):
    """Set up and return how that went."""
    work = Installation(bundle, place, wishes, lambda: machine or Machine(LINUX))
    work.start()
    assert work.wait(WAIT_S)
    work.stop()
    return work


def left_in(place):
    """Return what lies there but the log, uv and what has arrived."""
    usual = {"setup.log", "tools", "downloads"}
    return {path.name for path in place.root.iterdir()} - usual


def test_an_environment_is_set_up_from_a_folder_without_a_network(bundle, place, wheels):
    work = set_up(bundle, place, Wishes(False, wheels))
    assert work.error is None
    installed = place.installed()
    assert installed == work.installed
    assert (installed.version, installed.device, installed.remark) == ("0.1.0", "CPU", "")
    assert installed.size > 1000
    assert work.fraction == 1.0
    said = subprocess.check_output(
        [place.python(installed), "-c", "import tiny, livescape, sys; print(sys.prefix)"], text=True
    )
    assert Path(said.strip()) == place.root / installed.environment
    assert left_in(place) == {"backend.json", installed.environment}
    assert not place.downloads.exists()
    assert not place.is_interrupted()
    assert "Installed 2 packages" in place.log.read_text()


def test_repairing_makes_it_anew_and_what_is_there_stays_in_use_till_then(bundle, place, wheels):
    first = set_up(bundle, place, Wishes(False, wheels)).installed
    place.python(first).unlink()
    seen = []

    class Watched(Installation):
        def begin(self, stage, fraction):
            seen.append(place.installed())
            super().begin(stage, fraction)

    again = Watched(bundle, place, Wishes(False, wheels), lambda: Machine(LINUX))
    again.start()
    assert again.wait(WAIT_S)
    assert again.error is None
    assert set(seen) == {first}
    assert again.installed.environment != first.environment
    assert left_in(place) == {"backend.json", again.installed.environment}


def killed_while_setting_up(bundle, place, wheels):
    """Kill a process in the middle of it, as the system does with Blender."""
    code = f"""
import sys, time
sys.path[:0] = [{str(ROOT / "blender_addon")!r}, {str(ROOT / "shared")!r}]
from pathlib import Path
from setting_up import bundle, commands, installation, machine, place
class Slow(installation.Installation):
    def _check(self, environment):
        print("installed", flush=True)
        time.sleep(600)
Slow(bundle.find_bundle(Path({str(bundle.wheel.parents[1])!r})),
     place.Place(Path({str(place.root)!r})),
     commands.Wishes(False, Path({str(wheels)!r})),
     lambda: machine.Machine(machine.LINUX)).do()
"""
    place.root.mkdir(parents=True)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout.readline() == "installed\n"
        yield process
        process.send_signal(signal.SIGKILL)


def test_after_a_kill_nothing_half_is_used_and_the_next_try_goes_on(bundle, place, wheels):
    for _ in killed_while_setting_up(bundle, place, wheels):
        assert place.is_busy()
        assert not place.is_interrupted()
        busy = set_up(bundle, place, Wishes(False, wheels))
        assert busy.error.code == "setup_busy"
    assert place.is_interrupted()
    assert place.installed() is None
    assert any(place.downloads.iterdir())
    (half,) = place.root.glob("env-*")
    work = set_up(bundle, place, Wishes(False, wheels))
    assert work.error is None
    assert not place.is_interrupted()
    assert not half.exists()
    assert place.installed() == work.installed


class Index(BaseHTTPRequestHandler):
    """A package index that answers as its server's ``answer`` says; 0 is no answer at all."""

    def do_GET(self):
        self.server.asked.set()
        if self.server.answer:
            self.send_error(self.server.answer)
        else:
            self.server.end.wait(WAIT_S)

    def log_message(self, *_):
        pass


@pytest.fixture
def index(monkeypatch):
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Index)
    server.asked, server.end, server.answer = threading.Event(), threading.Event(), 0
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    server.address = f"http://127.0.0.1:{server.server_address[1]}/simple"
    yield server
    server.end.set()
    server.shutdown()
    server.server_close()
    thread.join()


def test_cancelling_ends_the_child_and_leaves_what_was_there(bundle, place, wheels, index):
    before = set_up(bundle, place, Wishes(False, wheels)).installed
    work = Installation(bundle, place, Wishes(True, index=index.address), lambda: Machine(LINUX))
    work.start()
    assert index.asked.wait(WAIT_S)
    work.cancel()
    assert work.wait(WAIT_S)
    assert isinstance(work.error, Cancelled)
    assert place.installed() == before
    assert left_in(place) == {"backend.json", before.environment}
    assert not place.is_interrupted()


@pytest.mark.parametrize(
    ("answer", "code"),
    [(403, "setup_index_refused"), (503, "setup_index_refused"), (404, "setup_package_missing")],
)
def test_an_index_that_refuses_is_one_sentence(bundle, place, index, answer, code):
    index.answer = answer
    work = set_up(bundle, place, Wishes(True, index=index.address))
    assert work.error.code == code, place.log.read_text()
    assert left_in(place) == set()


def test_an_index_that_is_not_there_is_one_sentence(bundle, place, index):
    index.shutdown()
    index.server_close()
    work = set_up(bundle, place, Wishes(True, index=index.address))
    assert work.error.code == "setup_no_network", place.log.read_text()
    assert left_in(place) == set()


def _no_wheels(wheels, monkeypatch):
    for path in wheels.iterdir():
        path.unlink()


def _other_wheel(wheels, monkeypatch):
    _no_wheels(wheels, monkeypatch)
    write_wheel(wheels, "other", "1.0", {"other.py": ""})


def _damaged_wheel(wheels, monkeypatch):
    (path,) = wheels.iterdir()
    path.write_bytes(path.read_bytes()[:200])


def _no_python(wheels, monkeypatch):
    monkeypatch.setenv("PATH", str(wheels))


def _small_disk(wheels, monkeypatch):
    usage = type("Usage", (), {"free": 10_000_000})
    monkeypatch.setattr("setting_up.installation.shutil.disk_usage", lambda _: usage)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_no_wheels, "setup_wheels_missing"),
        (_other_wheel, "setup_package_missing"),
        (_damaged_wheel, "setup_download_damaged"),
        (_no_python, "setup_python_missing"),
        (_small_disk, "disk_full"),
    ],
)
def test_what_is_missing_here_is_one_sentence(bundle, place, wheels, monkeypatch, spoil, code):
    spoil(wheels, monkeypatch)
    work = set_up(bundle, place, Wishes(False, wheels))
    assert isinstance(work.error, LivescapeError), work.error
    assert work.error.code == code, place.log.read_text()
    assert work.error.hint
    assert place.installed() is None
    assert left_in(place) == set()


def test_without_a_network_and_a_folder_nothing_begins(bundle, place):
    assert set_up(bundle, place, Wishes(False)).error.code == "setup_offline"
    work = set_up(bundle, place, Wishes(True), Machine(MACOS))
    assert work.error.code == "setup_unsupported"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("livescape/pipeline.py", "import not_there\n"),
        ("livescape_shared/__init__.py", "__version__ = '0.0.9'\n"),
        ("livescape/context/device.py", "def choose_device():\n    raise SystemExit(3)\n"),
    ],
)
def test_what_does_not_start_never_becomes_current(uv_wheel, place, wheels, tmp_path, file, text):
    bundle = bundle_of(tmp_path / "broken", uv_wheel, {**BACKEND, file: text})
    work = set_up(bundle, place, Wishes(False, wheels))
    assert work.error.code == "setup_check_failed"
    assert place.installed() is None
    assert left_in(place) == set()


def test_a_card_that_cannot_be_drawn_on_leaves_the_cpu_and_says_why(bundle, place, wheels):
    write_wheel(wheels, "gsplat", "1.5.3", {"gsplat.py": "raise ImportError('no nvcc')\n"})
    write_wheel(wheels, "torch", "2.13.0", {"torch.py": ""})
    work = set_up(bundle, place, Wishes(False, wheels), Machine(LINUX, card="RTX"))
    assert work.error is None
    assert "RTX is not used" in work.installed.remark
    python = place.python(work.installed)
    assert subprocess.run([python, "-c", "import gsplat"], capture_output=True).returncode


def test_removing_leaves_nothing(bundle, place, wheels, tmp_path):
    set_up(bundle, place, Wishes(False, wheels))
    removal = Removal(place, tmp_path / "removal.log")
    removal.start()
    assert removal.wait(WAIT_S)
    assert removal.error is None
    assert not place.root.exists()
    assert place.installed() is None


@pytest.mark.parametrize(
    "marker",
    [
        "", "[]", '{"environment": "env-1"}', "{" * 5000,
        json.dumps({"environment": "../env-1", "version": "1", "device": "", "size": 1}),
        json.dumps({"environment": "env-1/..", "version": "1", "device": "", "size": 1}),
        json.dumps({"environment": "env-gone", "version": "1", "device": "", "size": 1}),
    ],
)  # fmt: skip
def test_a_marker_that_means_nothing_is_no_environment(place, marker):
    (place.root / "env-1").mkdir(parents=True)
    (place.root / "backend.json").write_text(marker)
    assert place.installed() is None


def test_a_marker_names_the_environment(place):
    (place.root / "env-1").mkdir(parents=True)
    (place.root / "env-2").mkdir()
    place.commit(Installed("env-1", "0.1.0", "CPU", 5, True, "r"))
    assert place.installed() == Installed("env-1", "0.1.0", "CPU", 5, True, "r")
    assert left_in(place) == {"backend.json", "env-1"}


def test_an_extension_without_its_bundle_says_so(bundle, tmp_path):
    bundle.installer.write_bytes(b"no zip")
    with pytest.raises(LivescapeError) as caught:
        unpack_installer(bundle, tmp_path / "tools")
    assert caught.value.code == "setup_bundle_missing"
    bundle.constraints.unlink()
    with pytest.raises(LivescapeError) as caught:
        find_bundle(bundle.wheel.parents[1])
    assert caught.value.code == "setup_bundle_missing"


def test_uv_is_unpacked_once_and_again_if_it_is_damaged(bundle, tmp_path):
    path = unpack_installer(bundle, tmp_path)
    assert os.access(path, os.X_OK)
    written = path.stat().st_ino
    assert unpack_installer(bundle, tmp_path).stat().st_ino == written
    path.write_bytes(b"half")
    assert unpack_installer(bundle, tmp_path).stat().st_size > 1_000_000
