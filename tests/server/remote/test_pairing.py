"""Pairing by one line: who is let in, once, and what each end knows of the other."""

import json
import os
import socket
import stat
from dataclasses import replace

import pytest
import zmq
from tests.server.harness import (
    FRAME_BYTES,
    QUICK,
    Server,
    connect,
    follow,
    is_connected,
    make_request,
)
from tests.server.remote.peers import Peer, is_refused, new_keys, once
from tests.server.remote_client import PHOTO, client_of, result_of
from tests.server.tunnel import Tunnel

from bridge.events import Lost, Refused
from bridge.remote import pair
from livescape.commands.main import main
from livescape.server.bounds import Limits
from livescape.server.entry import KeyEntry
from livescape.server.gate import Gate
from livescape.server.remote.guestbook import Guestbook
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import (
    GetStatus,
    Hello,
    Pair,
    Paired,
    Ping,
)
from livescape_shared.remote.invitation import Invitation, Place
from livescape_shared.remote.keys import key_text
from livescape_shared.remote.servers import Servers


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
        poller = zmq.Poller()
        gate.register(poller)
        with context.socket(zmq.REQ) as zeromq:
            zeromq.connect("inproc://zeromq.zap.01")

            def status(key):
                zeromq.send_multipart([b"1.0", b"1", b"d", b"1.2.3.4", b"", b"CURVE", key])
                gate.turn(dict(poller.poll(10_000)))
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
