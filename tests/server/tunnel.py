"""A plain TCP forwarder: what an SSH tunnel is to both ends, and what an eavesdropper sees."""

import contextlib
import socket
import threading
import time


class Tunnel:
    """Listens on a port of its own, passes all on to ``(host, port)`` and keeps what passes.

    With ``bytes_per_s`` it is as slow as some networks.

    Attributes:
        sent: Bytes of the clients, a list for each connection.
        answered: Bytes of the server.
    """

    def __init__(self, host, port, *, bytes_per_s=0):
        self._target = (host, port)
        self._bytes_per_s = bytes_per_s
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.sent, self.answered = [], []
        self._open = []
        self._threads = []

    def __enter__(self):
        self._begin(self._accept)
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()
        for each in self._open:
            each.close()

    def cut(self):
        """Break all connections off."""
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    @property
    def seen(self):
        """All that has passed."""
        return b"".join(bytes(part) for part in (*self.sent, *self.answered))

    def _begin(self, call, *arguments):
        self._threads.append(threading.Thread(target=call, args=arguments, daemon=True))
        self._threads[-1].start()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(near)
            try:
                far = socket.create_connection(self._target, 5)
            except OSError:
                near.close()
                continue
            self._open.append(far)
            for record in (self.sent, self.answered):
                record.append(bytearray())
            self._begin(self._pass, near, far, self.sent[-1])
            self._begin(self._pass, far, near, self.answered[-1])

    def _pass(self, source, sink, record):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                record += data
                if self._bytes_per_s:
                    time.sleep(len(data) / self._bytes_per_s)
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
