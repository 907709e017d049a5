"""A client that speaks ZeroMQ's protocol itself, for what its library would never send.

That keeps the frames of a message back until the last one is there; see RFC 23 (ZMTP) and 24
(PLAIN).
"""

import socket

from livescape_shared.codec import decode, encode
from livescape_shared.proofs import GATE_USER, gate_password

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"PLAIN".ljust(20, b"\0") + bytes(32)
MORE, LONG, COMMAND = 1, 2, 4


class RawPeer:
    """One connection to a server, past its gate."""

    def __init__(self, info, *, timeout_s=5.0):
        host, port = info.endpoint.removeprefix("tcp://").rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout_s)
        self._stream = self.socket.makefile("rb")
        self.socket.sendall(GREETING)
        self._stream.read(len(GREETING))
        user, password = GATE_USER, gate_password(info.token)
        self._command(b"HELLO", bytes([len(user)]) + user + bytes([len(password)]) + password)
        self._frame()
        kind = b"DEALER"
        self._command(b"INITIATE", b"\x0bSocket-Type" + len(kind).to_bytes(4, "big") + kind)
        self._frame()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stream.close()
        self.socket.close()

    def _command(self, name, body):
        self.send_frame(bytes([len(name)]) + name + body, COMMAND)

    def send_frame(self, body, flags=0):
        """Send a frame; with ``MORE``, the message goes on."""
        wide = len(body) > 255
        length = len(body).to_bytes(8 if wide else 1, "big")
        self.socket.sendall(bytes([flags | (LONG if wide else 0)]) + length + body)

    def _frame(self):
        flags = self._stream.read(1)[0]
        length = int.from_bytes(self._stream.read(8 if flags & LONG else 1), "big")
        return flags, self._stream.read(length)

    def ask(self, message, message_id="asked"):
        """Return the answer to a message."""
        frames = encode(message, message_id=message_id)
        for at, frame in enumerate(frames):
            self.send_frame(bytes(frame), MORE if at < len(frames) - 1 else 0)
        while True:
            flags, body = self._frame()
            parts = [body]
            while flags & MORE:
                flags, body = self._frame()
                parts.append(body)
            if not flags & COMMAND and (envelope := decode(parts)).parent == message_id:
                return envelope
