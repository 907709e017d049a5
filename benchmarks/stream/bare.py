"""The least that ZeroMQ needs for the same frames: a process that sends them when asked to."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from types import TracebackType

import zmq
from tests.server.stream_jobs import frame

from livescape_shared.codec import encode
from livescape_shared.messages import Chunk


def _send(rows: int, frames: int, pipe: Connection) -> None:
    """Serve every request by all the frames, from memory and without copying them."""
    messages = [
        encode(Chunk("job", index, frames, "frame", index, {}, frame(index, rows)))
        for index in range(frames)
    ]
    context = zmq.Context()
    socket = context.socket(zmq.ROUTER)
    pipe.send(socket.bind_to_random_port("tcp://127.0.0.1"))
    while True:
        identity, request = socket.recv_multipart()
        if not request:
            break
        for message in messages:
            socket.send_multipart([identity, *message], copy=False)
    context.destroy(linger=0)


class BareLoop:
    """A DEALER that is sent frames by a ROUTER in a process of its own."""

    def __init__(self, rows: int, frames: int) -> None:
        self._frames = frames
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_send, args=(rows, frames, theirs))
        self._process.start()
        port = ours.recv()
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = self._context.socket(zmq.DEALER)
        self._socket.connect(f"tcp://127.0.0.1:{port}")

    def receive_all(self) -> int:
        """Ask for the frames and return how many bytes came."""
        self._socket.send(b"all")
        size = 0
        for _ in range(self._frames):
            parts = self._socket.recv_multipart(copy=False)
            size += sum(len(part.buffer) for part in parts)
        return size

    def __enter__(self) -> BareLoop:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.send(b"")
        self._process.join(10)
        self._context.destroy(linger=0)
