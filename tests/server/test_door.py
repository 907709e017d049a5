"""Who gets in, and what strangers and broken peers leave behind: nothing."""

import stat
import time
from functools import partial
from pathlib import Path

import msgpack
import numpy as np
import pytest
from tests.server.harness import FRAME_BYTES, Client, Peer, follow, greet, make_request

from bridge.events import Lost, Refused
from livescape.server.endpoint import check_loopback
from livescape_shared.codec import MAGIC, encode
from livescape_shared.connection import ServerInfo, connection_file
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import (
    PROTOCOL_VERSION,
    Ack,
    Cancel,
    Finished,
    Grant,
    Hello,
    Ping,
    Pong,
    Prove,
    Submit,
    Welcome,
)
from livescape_shared.messages import Refused as RefusedMessage
from livescape_shared.proofs import new_nonce


def code(envelope):
    assert isinstance(envelope.message, RefusedMessage), envelope
    return envelope.message.error["code"]


@pytest.fixture
def peer(server):
    with Peer(server.info) as raw:
        yield raw


@pytest.fixture
def guest(server, peer):
    assert isinstance(peer.hello(server.info), Welcome)
    return peer


def submit_message(request):
    return Submit(request.body(), request.arrays())


@pytest.mark.parametrize(
    "message",
    [
        Hello(),
        Hello("x", "", "0" * 63),
        Hello("x", "", "\xfc" * 64),
        Prove(),
        Prove("0" * 64),
        Ping(),
        Cancel("x"),
        Grant("x", 0, 1, start=True),
        Pong(),
    ],
)
def test_without_a_proof_everything_is_refused(peer, message):
    answer = peer.ask(message, message_id="mine")
    assert (code(answer), answer.parent) == ("auth_failed", "mine")


def test_a_stranger_cannot_submit_or_fill_the_server(server, peer):
    request = make_request("count#stranger")
    assert code(peer.ask(submit_message(request))) == "auth_failed"
    assert not list((server.folder / "results").glob(f"{request.job_id()}*"))
    big = Submit({}, {"photo": np.zeros(10_000, np.uint8)})
    assert code(peer.ask(big)) == "message_too_large"


@pytest.mark.parametrize(
    "frames",
    [
        (b"",),
        (b"GET / HTTP/1.1",),
        (MAGIC,),
        (MAGIC + b"\xc1",),
        (MAGIC + b"\x91" * 3000,),
        (MAGIC + msgpack.packb({"version": "1.0"}),),
        (
            MAGIC
            + msgpack.packb({"version": [*PROTOCOL_VERSION], "type": 7, "body": {}, "arrays": []}),
        ),
        (MAGIC + msgpack.packb([1, 2, 3]), b"x"),
        (b"x",) * 200,
    ],
)
def test_garbage_is_refused_and_the_server_answers_on(server, peer, frames):
    peer.send_raw(*frames)
    assert code(peer.receive()) == "message_malformed"
    assert isinstance(peer.hello(server.info), Welcome)


def test_a_truncated_message_of_a_guest_is_refused_by_name(guest):
    frames = encode(submit_message(make_request("count#cut")), message_id="cut")
    guest.send_raw(frames[0], bytes(frames[1])[:-1])
    answer = guest.receive()
    assert (code(answer), answer.parent) == ("message_malformed", "cut")
    assert isinstance(guest.ask(Ping()).message, Pong)


def test_a_frame_over_the_socket_limit_ends_the_connection_only(server):
    with Peer(server.info) as peer:
        peer.socket.send(b"x" * (FRAME_BYTES + 1), copy=False)
        assert peer.receive(0.5) is None
    with Peer(server.info) as peer:
        assert isinstance(peer.hello(server.info), Welcome)


@pytest.mark.parametrize(("theirs", "older"), [((4, 0), "the server"), ((2, 0), "the client")])
def test_another_major_version_is_told_which_side_to_update(server, peer, theirs, older):
    peer.send(Hello("future", "", new_nonce()), version=theirs)
    answer = peer.receive()
    assert code(answer) == "protocol_version"
    assert older in answer.message.error["hint"]


def test_a_higher_minor_version_is_welcome(server, peer):
    major = PROTOCOL_VERSION[0]
    newer = partial(peer.ask, version=(major, 9))
    assert isinstance(greet(newer, server.info.token), Welcome)
    header = {"version": [major, 9], "type": "sing", "id": "s", "body": {}, "arrays": []}
    peer.send_raw(MAGIC + msgpack.packb(header))
    answer = peer.receive()
    assert (code(answer), answer.parent) == ("message_unknown", "s")


@pytest.mark.parametrize("message", [Welcome(), Ack("x"), Finished("x")])
def test_a_guest_that_speaks_as_a_server_is_refused(guest, message):
    assert code(guest.ask(message)) == "message_unexpected"


@pytest.mark.parametrize("job", ["", "x" * 10_000, "../../etc/passwd", "0" * 32])
def test_unknown_jobs_are_refused(guest, job):
    assert code(guest.ask(Cancel(job))) == "job_unknown"
    assert code(guest.ask(Grant(job, 0, 1))) == "job_unknown"


def test_grants_are_checked(guest):
    request = make_request("count#grants")
    job = guest.ask(submit_message(request)).message.job
    while not isinstance(guest.receive().message, Finished):
        pass
    for start in (True, False):
        for first, credit in ((-1, 2), (3, -1), (-(2**62), 2**62)):
            assert code(guest.ask(Grant(job, first, credit, start))) == "grant_invalid"
    guest.send(Grant(job, 0, 10**6))  # nothing has begun
    guest.send(Grant(job, 10**9, 10**6, start=True))
    assert isinstance(guest.ask(Ping()).message, Pong)  # nothing beyond the end, nothing else
    assert guest.ask(Grant(job, 0, 1, start=True)).message.seq == 0
    guest.send(Grant(job, 1, 1))
    assert guest.receive().message.seq == 1
    guest.send(Grant(job, 5, 1))  # chunks that it has from before
    assert guest.receive().message.seq == 5
    guest.send(Grant(job, 0, 10**6))  # an older one that comes late
    assert isinstance(guest.ask(Ping()).message, Pong)


def test_a_result_is_not_streamed_before_it_exists(guest):
    job = guest.ask(submit_message(make_request("slow#early", steps=2000))).message.job
    assert code(guest.ask(Grant(job, 0, 1))) == "result_not_ready"
    guest.send(Cancel(job))
    while not isinstance(guest.receive().message, Finished):
        pass


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "request_invalid"),
        ({"fps": 0}, "camera_path_invalid"),
        ({"fps": "24"}, "request_invalid"),
        ({"settings": {"views": 10**9}}, "settings_invalid"),
        ({"settings": []}, "request_invalid"),
    ],
)
def test_impossible_requests_are_refused(guest, body, expected):
    request = make_request("count#body")
    wanted = body if body == {} else {**request.body(), **body}
    assert code(guest.ask(Submit(wanted, request.arrays()))) == expected
    assert code(guest.ask(Submit(request.body(), {}))) == "request_invalid"
    floats = {**request.arrays(), "photo": np.zeros(3, np.float32)}
    assert code(guest.ask(Submit(request.body(), floats))) == "request_invalid"


def test_a_client_with_a_wrong_token_is_told_so(server):
    info = server.info
    wrong = ServerInfo(info.endpoint, "no", info.pid, info.version, info.protocol)
    with Client(lambda: wrong) as client:
        events = follow(client, lambda event: isinstance(event, Refused | Lost))
    assert isinstance(events[-1], Refused)
    assert events[-1].error.code == "auth_failed"


def test_the_connection_file_is_the_users_alone(server):
    def mode(path):
        return stat.S_IMODE(path.stat().st_mode)

    assert mode(connection_file(server.state_dir)) == 0o600
    assert mode(server.folder) == 0o700
    assert server.info.endpoint.startswith("tcp://127.0.0.1:")
    assert len(server.info.token) >= 40
    assert not list(server.folder.glob("*.partial*"))


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's table of sockets")
def test_the_port_is_closed_to_the_network(server):
    port = int(server.info.endpoint.rsplit(":", 1)[1])
    with open("/proc/net/tcp") as table:
        local = [line.split()[1] for line in table][1:]
    listening = [address for address in local if address.endswith(f":{port:04X}")]
    assert listening
    assert all(address.startswith("0100007F:") for address in listening)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "example.org", "*", "", "::"])
def test_other_addresses_than_the_loopback_are_refused(host):
    with pytest.raises(LivescapeError) as caught:
        check_loopback(host)
    assert caught.value.code == "server_not_loopback"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.53", "::1"])
def test_the_loopback_is_fine(host):
    assert check_loopback(host)


def test_a_crowd_is_turned_away_and_room_is_made_when_it_leaves(start):
    server = start()
    crowd = [Peer(server.info) for _ in range(33)]
    answers = [peer.hello(server.info) for peer in crowd]
    refused = [each.error["code"] for each in answers if isinstance(each, RefusedMessage)]
    assert refused == ["server_full"]
    for peer in crowd:
        peer.context.destroy(linger=0)
    time.sleep(0.3)
    with Peer(server.info) as late:
        assert isinstance(late.hello(server.info), Welcome)
