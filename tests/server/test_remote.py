"""Another machine: pairing, what an eavesdropper, a stranger and an impostor get, two machines."""

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
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
    Server,
    connect,
    environment,
    follow,
    is_connected,
    make_request,
    wait_for,
)
from tests.server.harness import Peer as TokenPeer
from tests.server.remote_client import PHOTO, client_of, launched, result_of
from tests.server.tunnel import Tunnel
from tests.shared.golden_files import read_golden
from tests.shared.mutations import mutated

from bridge.events import Lost, Refused
from bridge.remote import look_at, pair
from bridge.server_link import Liveness, Timing
from livescape.commands.main import main
from livescape.server.bounds import Limits
from livescape.server.entry import KeyEntry
from livescape.server.gate import Gate
from livescape.server.remote.guestbook import Guestbook
from livescape_shared.codec import decode, encode, split
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import (
    MESSAGES,
    Challenge,
    GetStatus,
    Hello,
    Pair,
    Paired,
    Ping,
    Pong,
    Submit,
    Welcome,
)
from livescape_shared.remote.access import KeyAccess, prepare
from livescape_shared.remote.invitation import Invitation, Place
from livescape_shared.remote.keys import KeyPair, key_text
from livescape_shared.remote.servers import Servers


class RemoteServer(Server):
    """A server that other machines may use; 127.0.0.2 stands for its address in the network."""

    def __init__(self, folder, *options, listen="127.0.0.2:0"):
        super().__init__(folder, "--listen", listen, *options)
        self.place = Place.parse(self.info.remote.removeprefix("tcp://"))

    def invite(self, capsys, *options):
        """Return a new line."""
        assert main(["pair", "--state-dir", str(self.state_dir), *options]) == 0
        return capsys.readouterr().out.strip()


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


def is_refused(event):
    return isinstance(event, Refused | Lost)


class Peer:
    """A raw DEALER that enters by keys."""

    def __init__(self, server, keys, *, server_key=None):
        key = server_key or key_of(server)
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        prepare(self.socket, KeyAccess(server.place.endpoint, key, keys, ""))
        self.socket.connect(server.place.endpoint)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.destroy(linger=0)

    def ask(self, message, timeout_s=3.0):
        """Return the answer to a message, None if none comes."""
        self.socket.send_multipart(split(encode(message, message_id="asked"), FRAME_BYTES))
        while self.socket.poll(int(timeout_s * 1000)):
            envelope = decode(self.socket.recv_multipart())
            if envelope.parent == "asked":
                return envelope.message
        return None


def key_of(server):
    values = json.loads((server.folder / "key.json").read_text())
    return Invitation.parse(f"livescape://x/{values['public']}/{values['public']}").server_key


def new_keys():
    return KeyPair.new(zmq.curve_keypair)


def once(invitation):
    return KeyPair.of_secret(invitation.secret, zmq.curve_public)


# Pairing


def test_two_machines_pair_by_one_line_and_the_scene_is_equal_to_a_local_one(
    server, laptop, capsys, tmp_path
):
    paired = pair(Invitation.parse(server.invite(capsys)), laptop)
    with client_of(paired, laptop) as far:
        arrived = result_of(far)
    assert len(arrived) > 4
    folder = tmp_path / "here"
    folder.mkdir()
    local = Server(folder)
    with connect(local) as near:
        assert result_of(near) == arrived
    local.stop()


@pytest.mark.parametrize("size", [FRAME_BYTES - 100, FRAME_BYTES, 3 * FRAME_BYTES + 1])
def test_photos_of_any_size_go_up(paired, laptop, size):
    """A whole frame is longer once it is encrypted."""
    with client_of(paired, laptop, QUICK) as client:
        assert result_of(client, make_request("count#" + "x" * size))


def test_the_commands_find_a_paired_server_by_its_name_its_line_and_its_file(
    server, laptop, capsys, tmp_path
):
    file = tmp_path / "gpu.livescape-server"
    line = server.invite(capsys, "--file", str(file))
    assert file.read_text() == f"{line}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def say(*words):
        code = main([*words, "--state-dir", str(laptop)])
        told = capsys.readouterr()
        return code, told.out, told.err

    for named in (line, str(file), line):  # from the second on, it is paired already
        code, out, _ = say("status", "--json", "--server", named)
        assert code == 0
        assert json.loads(out)["versions"]["livescape"]
    ((name, address, _),) = [each.split("  ") for each in say("servers")[1].splitlines()]
    assert address == str(server.place)
    with connect(server) as near:
        job = near.submit(make_request("count#listed elsewhere"))
        follow(near, lambda event: getattr(event, "state", "") == "done")
    assert job in json.loads(say("jobs", "--json", "--server", name)[1])
    assert say("watch", job, "--server", name)[0] == 0
    assert say("fetch", job, str(tmp_path / "scene"), "--server", name)[0] == 0
    assert (tmp_path / "scene" / "scene.json").exists()
    assert say("forget", job, "--server", name)[0] == 0
    assert say("servers", "--remove", name)[0] == 0
    assert say("jobs", "--server", name)[2].startswith("server_not_paired")


def test_a_line_serves_one_client_only_and_the_same_one_again(server, laptop, capsys, tmp_path):
    invitation = Invitation.parse(server.invite(capsys))
    assert pair(invitation, laptop) == pair(invitation, laptop)
    with pytest.raises(LivescapeError) as caught:
        pair(invitation, tmp_path / "another")
    assert caught.value.code == "pairing_used"
    assert Servers(tmp_path / "another").all() == []


def test_the_same_client_may_repeat_itself_for_as_long_as_the_line_is_good(tmp_path):
    now = [0.0]
    book = Guestbook(tmp_path, clock=lambda: now[0])
    book.invite(b"i" * 32, 60.0)
    for now[0] in (10.0, 50.0):
        book.redeem(b"i" * 32, b"c" * 32, " a\nclient ")
    assert [(guest.name, guest.since) for guest in book.guests()] == [("a client", 50.0)]
    now[0] = 61.0
    with pytest.raises(LivescapeError) as caught:
        book.redeem(b"i" * 32, b"c" * 32, "")
    assert caught.value.code == "pairing_expired"
    book.invite(b"j" * 32, 60.0)
    assert book.invited(b"i" * 32), "so that it can be told why"
    now[0] = 2e5
    book.invite(b"k" * 32, 60.0)
    assert [book.invited(key * 32) for key in (b"i", b"j", b"k")] == [False, False, True]


def test_who_cannot_be_looked_up_now_is_not_sent_away_for_good(tmp_path, monkeypatch):
    book = Guestbook(tmp_path)
    book.invite(b"i" * 32, 60.0)
    book.redeem(b"i" * 32, b"c" * 32, "client")
    limits = Limits()
    with zmq.Context() as context:
        gate = Gate(context, KeyEntry(new_keys(), book), limits)
        with context.socket(zmq.REQ) as zeromq:
            zeromq.connect("inproc://zeromq.zap.01")

            def status(key):
                zeromq.send_multipart([b"1.0", b"1", b"d", b"1.2.3.4", b"", b"CURVE", key])
                gate.turn()
                return zeromq.recv_multipart()[2]

            assert [status(b"c" * 32), status(b"i" * 32)] == [b"200", b"200"]
            assert [status(b"x" * 32), status(b"x")] == [b"400", b"400"]

            def no_descriptors(path):
                raise OSError(24, "Too many open files")

            monkeypatch.setattr("pathlib.Path.read_bytes", no_descriptors)
            assert status(b"c" * 32) == b"300"
            assert book.keeps(b"c" * 32)
        gate.close()


def test_a_line_that_was_not_used_in_time_is_refused(server, laptop, capsys):
    with pytest.raises(LivescapeError) as caught:
        pair(Invitation.parse(server.invite(capsys, "--minutes", "0")), laptop)
    assert caught.value.code == "pairing_expired"


def test_a_line_with_another_secret_is_refused(server, laptop, capsys):
    invitation = replace(Invitation.parse(server.invite(capsys)), secret=new_keys().secret)
    with pytest.raises(LivescapeError) as caught:
        pair(invitation, laptop)
    assert caught.value.code == "pairing_unknown"


def test_another_servers_key_at_the_address_is_told_and_gets_nothing(server, laptop, capsys):
    invitation = Invitation.parse(server.invite(capsys))
    with Tunnel(server.place.host, server.place.port) as tunnel:
        wrong = Invitation(Place("127.0.0.1", tunnel.port), new_keys().public, invitation.secret)
        with pytest.raises(LivescapeError) as caught:
            pair(wrong, laptop)
        assert caught.value.code == "server_unproven"
    assert pair(invitation, laptop), "the line has not been used up"


def test_a_client_of_a_server_that_was_exchanged_is_told_and_sends_nothing(paired, laptop, start):
    other = start()
    exchanged = replace(paired, place=other.place)
    with client_of(exchanged, laptop, QUICK) as client:
        client.submit(make_request(PHOTO))
        event = follow(client, is_refused, 5)[-1]
        assert event.error.code == "server_unproven"
        assert paired.name in event.error.message


def test_a_server_that_is_gone_and_a_tunnel_to_nowhere_are_unreachable(laptop, paired):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nowhere = closed.getsockname()[1]
    with Tunnel("127.0.0.1", nowhere) as tunnel:
        for port in (nowhere, tunnel.port):
            gone = replace(paired, place=Place("127.0.0.1", port))
            patient = replace(QUICK, connect=60.0)
            with client_of(gone, laptop, patient) as client:
                event = follow(client, is_refused, 5)[-1]
                assert (type(event), event.error.code) == (Lost, "server_unreachable")
                assert paired.name in event.error.message


def test_commands_say_at_once_that_a_server_is_gone_or_another(server, laptop, paired, capsys):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nowhere = closed.getsockname()[1]
    own = Servers(laptop)
    with Tunnel("127.0.0.1", nowhere) as tunnel:
        for port in (nowhere, tunnel.port):
            own.add(Place("127.0.0.1", port), paired.key, paired.name)
            assert main(["jobs", "--server", paired.name, "--state-dir", str(laptop)]) == 2
            assert capsys.readouterr().err.startswith("server_unreachable")
    own.add(server.place, new_keys().public, "another")
    assert main(["jobs", "--server", "another", "--state-dir", str(laptop)]) == 2
    assert capsys.readouterr().err.startswith("server_unproven")


def test_the_key_of_a_line_opens_nothing_but_pairing(server, capsys):
    invitation = Invitation.parse(server.invite(capsys))
    for message in (Hello("thief", "", "0" * 64), GetStatus(), Ping()):
        with Peer(server, once(invitation)) as peer:
            assert peer.ask(message).error["code"] == "auth_failed"
    with Peer(server, once(invitation)) as peer:
        assert peer.ask(Pair("x" * 5000, "k")).error["code"] == "message_too_large"
        assert peer.ask(Pair("x", "no key")).error["code"] == "message_malformed"
    with Peer(server, once(invitation)) as peer:
        own = new_keys()
        assert isinstance(peer.ask(Pair("one", key_text(own.public))), Paired)
        assert peer.ask(Pair("two", key_text(new_keys().public))).error["code"] == "pairing_used"
        assert peer.ask(GetStatus()).error["code"] == "auth_failed"


def test_unpairing_ends_the_connection_and_lets_nobody_back(start, laptop, capsys, tmp_path):
    server = start()
    invitation = Invitation.parse(server.invite(capsys))
    paired = pair(invitation, laptop)
    with client_of(paired, laptop, QUICK) as client:
        follow(client, is_connected)
        assert main(["clients", "--state-dir", str(server.state_dir)]) == 0
        fingerprint, _, name = capsys.readouterr().out.strip().split("  ")
        assert name == os.uname().nodename
        assert main(["unpair", "nobody", "--state-dir", str(server.state_dir)]) == 2
        assert capsys.readouterr().err.startswith("client_unknown")
        assert main(["unpair", fingerprint, "--state-dir", str(server.state_dir)]) == 0
        events = follow(client, lambda event: is_refused(event) and isinstance(event, Refused), 10)
        assert events[-1].error.code == "auth_failed"
    assert "no longer known" in server.log()
    with pytest.raises(LivescapeError) as caught:
        pair(invitation, tmp_path / "another")
    assert caught.value.code == "pairing_unknown"
    assert pair(invitation, laptop) == paired, "it is known here"
    with client_of(paired, laptop, QUICK) as client:
        assert follow(client, is_refused, 5)[-1].error.code == "auth_failed"


def test_server_and_client_know_each_other_after_a_restart(start, laptop, capsys):
    first = start()
    paired = pair(Invitation.parse(first.invite(capsys)), laptop)
    with client_of(paired, laptop, QUICK) as client:
        follow(client, is_connected)
        first.kill()
        follow(client, lambda event: isinstance(event, Lost))
        second = start(listen=str(first.place))
        follow(client, is_connected)
        assert result_of(client)
        second.stop()


def test_keys_are_their_owners_alone(server, laptop, paired):
    for folder in (server.folder, laptop / "client"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "key.json").stat().st_mode) == 0o600


def test_keys_that_others_can_read_or_that_are_damaged_are_not_used(laptop, paired):
    path = laptop / "client" / "key.json"
    path.chmod(0o644)
    for damage in (None, "{}", "", '{"public": "x", "secret": "y"}', "[" * 5000):
        if damage is not None:
            path.write_text(damage)
            path.chmod(0o600)
        with pytest.raises(LivescapeError) as caught:
            Servers(laptop).keys(zmq.curve_keypair)
        assert caught.value.code == "keys_unusable"


# Where the server listens


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


# Eavesdroppers and strangers


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
    timing = replace(QUICK, connect=5.0, bytes_per_s=100e3)
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


# Nothing names a path of the other side


def test_neither_request_nor_result_names_a_folder(server, laptop, paired):
    request = make_request(PHOTO)
    told = repr(request.body()) + repr(sorted(request.arrays()))
    assert str(laptop) not in told
    with client_of(paired, laptop) as client:
        client.submit(request)
        events = follow(client, lambda event: getattr(event, "seq", 0) > 0, 30)
    assert str(server.state_dir) not in repr(events)


# Two network namespaces as two machines


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
