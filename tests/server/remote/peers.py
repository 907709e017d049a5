"""Servers for other machines, and raw peers that enter by keys."""

import json

import zmq
from tests.server.harness import (
    FRAME_BYTES,
    Server,
)

from bridge.events import Lost, Refused
from livescape.commands.main import main
from livescape_shared.codec import decode, encode, split
from livescape_shared.remote.access import KeyAccess, prepare
from livescape_shared.remote.invitation import Invitation, Place
from livescape_shared.remote.keys import KeyPair


class RemoteServer(Server):
    """A server that other machines may use; 127.0.0.2 stands for its address in the network."""

    def __init__(self, folder, *options, listen="127.0.0.2:0"):
        super().__init__(folder, "--listen", listen, *options)
        self.place = Place.parse(self.info.remote.removeprefix("tcp://"))

    def invite(self, capsys, *options):
        """Return a new line."""
        assert main(["pair", "--state-dir", str(self.state_dir), *options]) == 0
        return capsys.readouterr().out.strip()


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
