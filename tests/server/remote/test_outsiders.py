"""What an eavesdropper, a stranger and whoever damages the wire get of another machine."""

import json
import os
import socket
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import psutil
import pytest
import zmq
from tests.server.chaos_proxy import ChaosProxy
from tests.server.chaos_run import TIMING
from tests.server.harness import (
    FRAME_BYTES,
    QUICK,
    Client,
    connect,
    follow,
    is_connected,
    make_request,
    wait_for,
)
from tests.server.harness import Peer as TokenPeer
from tests.server.remote.peers import Peer, new_keys, once
from tests.server.remote_client import PHOTO, client_of, result_of
from tests.server.tunnel import Tunnel
from tests.shared.golden_files import read_golden
from tests.shared.mutations import mutated

from bridge.liveness import Liveness, Timing
from bridge.remote import pair
from livescape.commands.main import main
from livescape_shared.messages import (
    MESSAGES,
    Challenge,
    Hello,
    Pair,
    Paired,
    Ping,
    Pong,
    Submit,
    Welcome,
)
from livescape_shared.remote.invitation import Invitation, Place
from livescape_shared.remote.keys import key_text
from livescape_shared.remote.servers import Servers


@contextmanager
def overheard(server, laptop, capsys):
    """Yield a tunnel, and a client that is paired and connected through it."""
    with Tunnel(server.place.host, server.place.port) as tunnel:
        line = server.invite(capsys, "--address", f"127.0.0.1:{tunnel.port}")
        paired = pair(Invitation.parse(line), laptop)
        with client_of(paired, laptop) as client:
            yield tunnel, client


def test_a_tunnel_needs_no_process_and_whoever_listens_there_reads_nothing(server, laptop, capsys):
    request = make_request(PHOTO)
    with overheard(server, laptop, capsys) as (tunnel, client):
        arrived = result_of(client, request)
        assert len(tunnel.seen) > 10_000
        said = ["photo", "settings", "fit_iterations", "livescape", "Blender", "welcome", "LVSC"]
        said += [PHOTO, PHOTO[6:20], server.info.token, str(laptop)]
        assert [word for word in said if word.encode() in tunnel.seen] == []
        secret = json.loads((laptop / "client" / "key.json").read_text())["secret"]
        for key in (secret, json.loads((server.folder / "key.json").read_text())["secret"]):
            raw = Invitation.parse(f"livescape://x/{key}/{key}").secret
            assert raw not in tunnel.seen
    with connect(server) as near:
        assert result_of(near, request) == arrived


def test_the_same_through_the_local_door_would_be_readable(server):
    """So the test above can fail."""
    host, port = server.info.endpoint.removeprefix("tcp://").split(":")
    with Tunnel(host, int(port)) as tunnel:
        info = replace(server.info, endpoint=f"tcp://127.0.0.1:{tunnel.port}")
        with Client(lambda: info, timing=QUICK) as client:
            result_of(client)
        assert PHOTO.encode() in tunnel.seen
        assert b"fit_iterations" in tunnel.seen


def test_recorded_bytes_are_of_no_use(start, laptop, capsys):
    server = start()
    with overheard(server, laptop, capsys) as (tunnel, client):
        result_of(client)
        recorded = [bytes(part) for part in tunnel.sent]
    assert len(recorded) == 2, "the pairing and the client"
    before = jobs_and_clients(server, capsys)
    refused = server.log().count("connected")
    for part in recorded:
        with socket.create_connection((server.place.host, server.place.port), 5) as thief:
            thief.sendall(part)
            answer = b""
            thief.settimeout(10)
            while data := thief.recv(65536):
                answer += data
        assert len(answer) < 1000, "a greeting, a cookie, and the end"
    assert jobs_and_clients(server, capsys) == before
    assert server.log().count("connected") == refused + 1, "by the command that counted"


def jobs_and_clients(server, capsys):
    told = []
    for words in (("jobs", "--json"), ("clients", "--json")):
        assert main([*words, "--state-dir", str(server.state_dir)]) == 0
        told.append(capsys.readouterr().out)
    return told


def test_who_is_not_known_never_gets_to_say_anything(server):
    with Peer(server, new_keys()) as stranger:
        assert stranger.ask(Hello("stranger", "", "0" * 64), 1.0) is None
    wait_for(lambda: "refused a connection" in server.log())


def test_the_token_opens_nothing_at_the_door_for_other_machines(server):
    info = replace(server.info, endpoint=server.place.endpoint)
    with TokenPeer(info) as thief:
        thief.send(Hello("thief", "", "0" * 64))
        assert thief.receive(1.0) is None


def test_a_known_client_is_welcomed_at_once_and_bound_like_any_other(server, laptop, paired):
    keys = Servers(laptop).keys(zmq.curve_keypair)
    with Peer(server, keys) as peer:
        assert peer.ask(Ping()).error["code"] == "auth_failed"
        assert peer.ask(Submit({"x": "y" * 5000})).error["code"] == "message_too_large"
        assert isinstance(peer.ask(Hello("peer", "", "")), Welcome)
        assert isinstance(peer.ask(Ping()), Pong)
        assert peer.ask(Challenge()).error["code"] == "message_unexpected"


def test_no_client_takes_the_place_of_another_by_its_key(server, laptop, paired, capsys):
    with Peer(server, Servers(laptop).keys(zmq.curve_keypair)) as one:
        assert isinstance(one.ask(Hello("one", "the key", "")), Welcome)
        other = new_keys()
        with Peer(server, once(Invitation.parse(server.invite(capsys)))) as door:
            assert isinstance(door.ask(Pair("other", key_text(other.public))), Paired)
        with Peer(server, other) as thief:
            assert isinstance(thief.ask(Hello("one", "the key", "")), Welcome)
        assert isinstance(one.ask(Ping()), Pong)


def test_strangers_at_the_door_cost_little_and_keep_nobody_out(start, laptop, capsys):
    """A crowd of silent ones, announced frames of 200 MiB, a message without end."""
    server = start()
    paired = pair(Invitation.parse(server.invite(capsys)), laptop)
    process = psutil.Process(server.process.pid)
    with client_of(paired, laptop) as first:  # the threads that serve clients have memory of theirs
        assert result_of(first, make_request("count#before"))
    memory, files = process.memory_info(), process.num_fds()
    with client_of(paired, laptop) as client, connect(server) as near:
        follow(client, is_connected)
        follow(near, is_connected)
        crowd = [
            socket.create_connection((server.place.host, server.place.port)) for _ in range(500)
        ]
        greeting = b"\xff" + bytes(8) + b"\x7f\x03\x01CURVE" + bytes(15) + bytes(32)
        for each in crowd[:100]:
            each.sendall(greeting + b"\x06" + (200 * 2**20).to_bytes(8, "big") + b"\x05HELLO")
        with Peer(server, new_keys()) as endless:
            endless.socket.sndtimeo = 0
            for _ in range(2000):
                try:
                    endless.socket.send(bytes(FRAME_BYTES), flags=zmq.SNDMORE)
                except zmq.Again:
                    break
            with client_of(paired, laptop) as late:
                follow(late, is_connected)
                assert result_of(late, make_request("count#in a crowd"))
        wait_for(lambda: process.num_fds() < files + 200, what="room")
        assert process.memory_info().rss - memory.rss < 64 * 2**20
        assert process.memory_info().vms - memory.vms < 256 * 2**20
        assert (client.state, near.state) == ("connected", "connected")
        for each in crowd:
            each.close()
    assert len(server.log()) < 20_000


def test_a_slow_way_up_is_no_reason_to_begin_again(server, laptop, capsys):
    """Pings wait behind the photo for much longer than they may wait otherwise."""
    timing = replace(QUICK, connect=5.0, lost_after=10, bytes_per_s=100e3)
    with Tunnel(server.place.host, server.place.port, bytes_per_s=200e3) as tunnel:
        line = server.invite(capsys, "--address", f"127.0.0.1:{tunnel.port}")
        paired = pair(Invitation.parse(line), laptop)
        with client_of(paired, laptop, timing) as client:
            assert result_of(client, make_request("count#" + "x" * 500_000))
        assert len(tunnel.sent) == 2, "one connection to pair, one for all else"
        assert sum(map(len, tunnel.sent)) < 700_000, "the photo went up once"


@pytest.mark.parametrize("fault", ["delay", "duplicate", "reorder", "truncate", "freeze", "kill"])
def test_whoever_damages_what_travels_breaks_connections_and_nothing_else(
    server, laptop, paired, fault
):
    """What is repeated or exchanged has a number that CURVE does not take, and is not believed."""
    request = make_request("count#on a bad way", frames=12)
    with connect(server) as near:
        expected = result_of(near, request)
    proxy = ChaosProxy(lambda: server.info.remote, seed=5, odds={fault: 0.06}, freeze_s=0.5)
    with proxy:
        near_end = Place.parse(proxy.endpoint.removeprefix("tcp://"))
        timing = replace(TIMING, connect=2.0)
        with client_of(replace(paired, place=near_end), laptop, timing) as client:
            for _ in range(2):
                assert result_of(client, request) == expected
        assert proxy.done[fault] > 0


def test_a_ping_that_waits_behind_a_photo_is_not_missed():
    timing = Timing(ping=1.0)
    liveness = Liveness(timing, 0.0)
    assert liveness.ping_due(0.0)
    liveness.excuse(10.0)
    for second in range(1, 10):
        assert liveness.ping_due(float(second))
    assert liveness.missed == 0
    assert liveness.ping_due(10.0)
    assert liveness.missed == 1
    liveness.excuse(5.0)
    assert liveness.ping_due(11.0)
    assert liveness.missed == 2, "an excuse does not become shorter"


def test_ipv6_is_an_address_like_any_other(start, laptop, capsys):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    server = start(listen="[::1]:0")
    paired = pair(Invitation.parse(server.invite(capsys)), laptop)
    assert paired.place.host == "::1"
    with client_of(paired, laptop) as client:
        assert result_of(client)


def test_the_server_of_another_user_is_left_alone(start, capsys):
    server = start()
    folder = server.folder
    os.rename(folder, folder.with_name("elsewhere"))
    folder.symlink_to(folder.with_name("elsewhere"))
    for words in (["pair"], ["clients"], ["unpair", "x"]):
        assert main([*words, "--state-dir", str(server.state_dir)]) == 2
        assert capsys.readouterr().err.startswith("state_dir_unsafe")


def test_mutated_messages_of_a_known_client_do_not_disturb_another(server, laptop, paired):
    rng = np.random.default_rng(0)
    keys = Servers(laptop).keys(zmq.curve_keypair)
    names = sorted(MESSAGES)
    with Peer(server, keys) as insider:
        assert isinstance(insider.ask(Hello("insider", "insider", "")), Welcome)
        for greeted in (False, True):
            with Peer(server, keys) as peer:
                if greeted:
                    assert isinstance(peer.ask(Hello("peer", "peer", "")), Welcome)
                for number in range(200):
                    frames = mutated(read_golden(names[number % len(names)]), rng)
                    peer.socket.send_multipart(frames)
                assert peer.ask(Ping()) is not None
            assert isinstance(insider.ask(Ping()), Pong)
    assert "Traceback" not in server.log()
