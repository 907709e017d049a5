"""Two machines: nothing names a path of the other side; network namespaces as machines."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from tests.server.harness import (
    connect,
    environment,
    follow,
    make_request,
    wait_for,
)
from tests.server.remote_client import PHOTO, client_of, result_of

from livescape_shared.remote.invitation import Invitation, Place


def test_neither_request_nor_result_names_a_folder(server, laptop, paired):
    request = make_request(PHOTO)
    told = repr(request.body()) + repr(sorted(request.arrays()))
    assert str(laptop) not in told
    with client_of(paired, laptop) as client:
        client.submit(request)
        events = follow(client, lambda event: getattr(event, "seq", 0) > 0, 30)
    assert str(server.state_dir) not in repr(events)


def may_make_namespaces():
    if shutil.which("ip") is None or os.geteuid() != 0:
        return False
    name = f"livescape-try-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
    return made.returncode == 0


@pytest.fixture
def machines():
    """Two network namespaces joined by a cable; yield their names."""
    if not may_make_namespaces():
        pytest.skip("network namespaces need root and the command ip")
    names = [f"livescape-{end}-{os.getpid()}" for end in ("server", "client")]
    ends = [f"lv{end}{os.getpid() % 10**6}" for end in "sc"]

    def ip(*words):
        subprocess.run(["ip", *words], check=True, capture_output=True)

    try:
        for name in names:
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("link", "add", ends[0], "netns", names[0], "type", "veth", "peer", "name", ends[1],
           "netns", names[1])  # fmt: skip
        for number, (name, end) in enumerate(zip(names, ends, strict=True), start=1):
            ip("-n", name, "addr", "add", f"10.99.0.{number}/24", "dev", end)
            ip("-n", name, "link", "set", end, "up")
        yield names
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def test_two_network_namespaces_are_two_machines(machines, server, tmp_path, laptop):
    there, here = (["ip", "netns", "exec", name, sys.executable, "-m"] for name in machines)
    state = tmp_path / "state"
    command = [*there, "livescape.server", "--job", "tests.server.worker_jobs:generate"]
    command += ["--state-dir", str(state), "--listen", "0.0.0.0", "--pair"]
    with (tmp_path / "log").open("wb") as log:
        far = subprocess.Popen(command, env=environment(), stdout=log, stderr=log)
    try:
        words = wait_for(
            lambda: [w for w in (tmp_path / "log").read_text().split() if "livescape://" in w], 20
        )
        place = Place("10.99.0.1")
        line = replace(Invitation.parse(words[0]), place=place).line()
        done = subprocess.run(
            [*here, "tests.server.remote_client", line, str(laptop)],
            env=environment(), capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        with connect(server) as near:
            assert json.loads(done.stdout)["result"] == result_of(near)
    finally:
        far.terminate()
        far.wait(20)
