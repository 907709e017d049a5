"""A server that breaks its promises: a thread with a ROUTER and a script."""

import threading

import zmq

from livescape_shared.codec import decode, encode
from livescape_shared.connection import ServerInfo
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import PROTOCOL_VERSION, Challenge, Hello, Prove, Welcome
from livescape_shared.proofs import new_nonce, server_proof


class BrokenServer:
    """Answers every message with what ``script(envelope)`` returns: messages, frames, or None.

    A message is encoded as an answer to what came in; a list of bytes is sent as it is.
    """

    def __init__(self, script, version=PROTOCOL_VERSION):
        self.script = script
        self.version = version
        self.heard = []
        self.let_in = []
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.ROUTER)
        self._socket.linger = 0
        self._zap = self._context.socket(zmq.REP)  # it lets everyone in
        self._zap.bind("inproc://zeromq.zap.01")
        self._socket.plain_server = True
        port = self._socket.bind_to_random_port("tcp://127.0.0.1")
        self.info = ServerInfo(f"tcp://127.0.0.1:{port}", "token", 1, "0.0", PROTOCOL_VERSION)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(5)
        self._context.destroy(linger=0)
        assert not self._thread.is_alive()

    def _run(self):
        while not self._stop.is_set():
            if not self._socket.poll(10):
                if self._zap.poll(0):
                    version, number, *known = self._zap.recv_multipart()
                    self.let_in.append(known)
                    self._zap.send_multipart([version, number, b"200", b"", b"", b""])
                continue
            identity, *frames = self._socket.recv_multipart()
            try:
                envelope = decode(frames)
            except LivescapeError:
                continue
            self.heard.append(envelope.message)
            for answer in self.script(envelope) or ():
                if not isinstance(answer, list):
                    answer = encode(answer, parent=envelope.id, version=self.version)
                self._socket.send_multipart([identity, *answer])


def welcoming(script, request_bytes=10**6):
    """Return ``script`` behind a proper greeting."""

    def answer(envelope):
        if isinstance(envelope.message, Hello):
            nonce = new_nonce()
            return [Challenge(nonce, server_proof("token", envelope.message.nonce, nonce))]
        if isinstance(envelope.message, Prove):
            return [Welcome("broken", "", {"request_bytes": request_bytes, "frame_bytes": 10**6})]
        return script(envelope)

    return answer
