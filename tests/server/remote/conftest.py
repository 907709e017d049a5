"""A server that other machines may use, and the laptop of who uses it."""

import pytest
from tests.server.remote.peers import RemoteServer

from bridge.remote import pair
from livescape_shared.remote.invitation import Invitation


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = RemoteServer(tmp_path_factory.mktemp("remote"))
    yield running
    assert running.stop() == 0


@pytest.fixture
def start(tmp_path):
    """Start servers of the test's own."""
    started = []

    def start_one(*options, folder=tmp_path / "own", **named):
        folder.mkdir(exist_ok=True)
        started.append(RemoteServer(folder, *options, **named))
        return started[-1]

    yield start_one
    for running in started:
        if running.process.poll() is None:
            running.kill()


@pytest.fixture
def laptop(tmp_path):
    """State folder of a user on another machine."""
    return tmp_path / "laptop"


@pytest.fixture
def paired(server, laptop, capsys):
    """A server that the laptop is paired with."""
    return pair(Invitation.parse(server.invite(capsys)), laptop)
