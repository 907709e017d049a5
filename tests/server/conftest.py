import pytest
import zmq
import zmq.utils.garbage
from tests.server.harness import AtOnce, Server, connect
from tests.server.successive_servers import Place

from livescape.server import journal_writer, removal


@pytest.fixture(scope="session", autouse=True)
def pyzmq_thread():
    """Let pyzmq start its own thread now, which the first large message starts for good."""
    with zmq.Context() as context, context.socket(zmq.PAIR) as one, context.socket(zmq.PAIR) as two:
        one.bind("inproc://large")
        two.connect("inproc://large")
        one.send(bytes(10**6), copy=False)
        two.recv()
    yield
    zmq.utils.garbage.gc.stop()


@pytest.fixture
def at_once(monkeypatch):
    """A server's threads do at once what they are asked for, for tests that count turns."""
    for module in (journal_writer, removal):
        monkeypatch.setattr(module, "own_thread", lambda _: AtOnce())


@pytest.fixture
def place(tmp_path):
    opened = Place(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for all tests that leave it as they found it."""
    running = Server(tmp_path_factory.mktemp("server"), "--cancel-grace", "0.5")
    yield running
    assert running.stop() == 0


@pytest.fixture
def client(server):
    with connect(server) as connected:
        yield connected


@pytest.fixture
def start(tmp_path):
    """Start servers of the test's own."""
    started = []

    def start_one(*options, folder=tmp_path):
        started.append(Server(folder, *options))
        return started[-1]

    yield start_one
    for running in started:
        if running.process.poll() is None:
            running.kill()
