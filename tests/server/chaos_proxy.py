"""A proxy between client and server that does, by a seed, what networks and their ends do.

It knows enough of ZeroMQ's framing (ZMTP 3) to lose, repeat and exchange whole messages, which a
byte proxy could only damage; what it does to bytes is to delay, cut, hold or break them off.
"""

import asyncio
import random
import threading
from collections import Counter
from urllib.parse import urlsplit

GREETING = 64
MORE, LONG, COMMAND = 1, 2, 4

FAULTS = ("drop", "delay", "duplicate", "reorder", "truncate", "freeze", "kill")


class Broken(Exception):
    """The connection is to be broken off."""


class ChaosProxy:
    """Listens on a port of its own and passes on to wherever the server is now.

    Args:
        target: Returns the endpoint of the server, None if there is none.
        seed: Decides what happens to which message of which connection.
        odds: How likely each fault is for one message.
        freeze_s: How long a frozen connection stands still, at most.
    """

    def __init__(self, target, *, seed=0, odds=None, freeze_s=1.0):
        self.target = target
        self.seed = seed
        self.odds = dict(odds or {})
        self.freeze_s = freeze_s
        self.done = Counter()
        self.connections = 0
        self.calm = False
        self.endpoint = ""
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._over = None
        self._writers = set()
        self._thread = threading.Thread(target=self._run, name="chaos proxy", daemon=True)

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def cut(self):
        """Break all connections off."""
        self._loop.call_soon_threadsafe(lambda: [each.transport.abort() for each in self._writers])

    def _run(self):
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self):
        self._over = asyncio.Event()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.endpoint = f"tcp://127.0.0.1:{port}"
        self._ready.set()
        await self._over.wait()
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _accept(self, reader, writer):
        number, self.connections = self.connections, self.connections + 1
        self._writers.add(writer)
        upstream = None
        try:
            endpoint = self.target()
            if endpoint is None:
                return
            address = urlsplit(endpoint)
            there, upstream = await asyncio.open_connection(address.hostname, address.port)
            self._writers.add(upstream)
            ways = (
                self._pass(reader, upstream, random.Random(f"{self.seed} {number} up")),
                self._pass(there, writer, random.Random(f"{self.seed} {number} down")),
            )
            tasks = [asyncio.ensure_future(way) for way in ways]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        except OSError:
            pass
        finally:
            for each in (writer, upstream):
                if each is not None:
                    each.transport.abort()
                    self._writers.discard(each)

    async def _pass(self, reader, writer, rng):
        """Pass messages on in one direction, until either end is gone or the proxy breaks it."""
        held = b""
        try:
            await _greet(reader, writer)
            while True:
                message, is_command = await _read_message(reader)
                if is_command or self.calm:
                    await _write(writer, held + message)
                    held = b""
                    continue
                held = await self._suffer(writer, message, held, rng)
        except (Broken, asyncio.IncompleteReadError, OSError):
            return

    async def _suffer(self, writer, message, held, rng):
        """Pass a message on, or not; return what is held back."""
        fault = self._choose(rng)
        if fault is not None:
            self.done[fault] += 1
        match fault:
            case "drop":
                return held
            case "duplicate":
                message += message
            case "reorder":
                return held + message if not held else held
            case "delay":
                await asyncio.sleep(rng.uniform(0.01, 0.2))
            case "freeze":
                await asyncio.sleep(rng.uniform(0.2, self.freeze_s))
            case "truncate":
                await _write(writer, message[: rng.randrange(len(message))])
                raise Broken
            case "kill":
                raise Broken
        await _write(writer, message + held)
        return b""

    def _choose(self, rng):
        chance = rng.random()
        for fault in FAULTS:
            chance -= self.odds.get(fault, 0.0)
            if chance < 0.0:
                return fault
        return None


async def _greet(reader, writer):
    """Pass the greeting on as it comes: each side waits for parts of the other's."""
    left = GREETING
    while left:
        part = await reader.read(left)
        if not part:
            raise Broken
        left -= len(part)
        await _write(writer, part)


async def _read_message(reader):
    """Return the bytes of one message or command, all frames of it, and whether it is a command."""
    parts = []
    while True:
        flags = (await reader.readexactly(1))[0]
        length = await reader.readexactly(8 if flags & LONG else 1)
        body = await reader.readexactly(int.from_bytes(length, "big"))
        parts += [bytes([flags]), length, body]
        if flags & COMMAND or not flags & MORE:
            return b"".join(parts), bool(flags & COMMAND)


async def _write(writer, data):
    writer.write(data)
    await writer.drain()
