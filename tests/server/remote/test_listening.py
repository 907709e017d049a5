"""Where a server listens for other machines, and what it refuses to do there."""

import subprocess
import sys
from dataclasses import replace

import pytest
from tests.server.harness import (
    Server,
    environment,
    wait_for,
)
from tests.server.remote_client import launched

from bridge.remote import look_at, pair
from livescape.commands.main import main
from livescape_shared.remote.invitation import Invitation, Place


@pytest.mark.parametrize("address", ["gpu-box", "1.2.3", "127.0.0.1:x", "127.0.0.1:99999", "::1"])
def test_an_address_that_is_none_is_refused(address, tmp_path):
    done = serve(tmp_path, "--listen", address)
    assert done.returncode == 1
    assert "listen_invalid" in done.stderr


def test_other_machines_are_refused_without_encryption(tmp_path):
    done = serve(tmp_path, "--host", "0.0.0.0")
    assert "server_not_loopback" in done.stderr
    code = "import zmq; zmq.has = lambda name: False; from livescape.server.command import main; "
    code += f"raise SystemExit(main(['--state-dir', {str(tmp_path)!r}, '--listen', '127.0.0.1:0']))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "encryption_missing" in done.stderr


def serve(folder, *options):
    command = [sys.executable, "-m", "livescape.server", "--state-dir", str(folder), *options]
    return subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )


def test_a_server_that_listens_to_its_own_machine_pairs_with_nobody(tmp_path, capsys):
    local = Server(tmp_path)
    assert main(["pair", "--state-dir", str(local.state_dir)]) == 2
    assert capsys.readouterr().err.startswith("server_local_only")
    local.stop()
    assert main(["pair", "--state-dir", str(local.state_dir)]) == 2
    assert capsys.readouterr().err.startswith("server_unreachable")


def test_a_server_prints_a_line_when_it_is_asked_to(start, laptop):
    server = start("--pair", listen="0.0.0.0:0")
    line = wait_for(lambda: [w for w in server.log().split() if w.startswith("livescape://")])[0]
    invitation = Invitation.parse(line)
    assert invitation.place.port == server.place.port
    near = replace(invitation, place=Place("127.0.0.1", server.place.port))
    assert look_at(launched(pair(near, laptop), laptop).locate()).version
