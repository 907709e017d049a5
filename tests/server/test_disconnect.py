"""A server that is gone is noticed by its connection, without waiting for any pong."""

from tests.server.harness import Client, Connected, Server, Timing, make_request, wait_for

from bridge.events import Lost

NEVER = Timing(ping=1e6, recheck=1e6, backoff=0.05)
"""Nothing is asked that could remain without an answer."""


def test_a_killed_server_is_noticed_without_a_ping(tmp_path):
    server = Server(tmp_path)
    heard = []
    with Client(server.locate, timing=NEVER) as client:

        def heard_of(kind):
            heard.extend(client.poll(0.01, 0.02))
            return any(isinstance(event, kind) for event in heard)

        wait_for(lambda: heard_of(Connected), what="the welcome")
        client.submit(make_request("count", steps=10_000))
        server.kill()
        wait_for(lambda: heard_of(Lost), what="the loss")
        assert client.state in ("lost", "connecting")
        assert client.jobs, "the job is kept, to be submitted to the next server"
        again = Server(tmp_path)
        try:
            heard.clear()
            client._session._locate = again.locate
            wait_for(lambda: heard_of(Connected), what="the next server")
        finally:
            again.stop()
