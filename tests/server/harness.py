"""Real server processes, raw peers and patient loops for the tests of this room."""

import atexit
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from concurrent.futures import Executor, Future
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import zmq

ROOT = Path(__file__).parents[2]
# The add-on's root imports bpy; its bridge does not, so it is imported without the root.
sys.path.insert(0, str(ROOT / "blender_addon"))

from bridge.client import Client  # noqa: E402
from bridge.events import ChunkArrived, Connected, Finished  # noqa: E402
from bridge.liveness import Timing  # noqa: E402
from livescape.server.desk import Desk  # noqa: E402
from livescape.server.greeting import Greeter  # noqa: E402
from livescape.server.packer import PackingPlace  # noqa: E402
from livescape.server.router import Router  # noqa: E402
from livescape.server.state_folder import results_folder  # noqa: E402
from livescape_shared.camera import Camera, CameraPath  # noqa: E402
from livescape_shared.codec import (  # noqa: E402
    decode,
    encode,
    split,
)
from livescape_shared.connection import read_connection_file, server_folder  # noqa: E402
from livescape_shared.greeting import Greeting  # noqa: E402
from livescape_shared.messages import Challenge  # noqa: E402
from livescape_shared.proofs import GATE_USER, gate_password  # noqa: E402
from livescape_shared.request import GenerateRequest  # noqa: E402
from livescape_shared.settings import GenerateSettings  # noqa: E402

JOB = "tests.server.worker_jobs:generate"
QUICK = Timing(ping=0.1, silent_after=2, lost_after=4, ack=2.0, connect=1.0, backoff=0.05)


def make_request(kind="count", *, steps=3, frames=4, seed=0):
    K = np.array([[100.0, 0, 32], [0, 100.0, 24], [0, 0, 1]])
    camera = Camera(64, 48, K, np.eye(4))
    path = CameraPath(camera, (camera, camera), (1, 2), 24.0)
    settings = GenerateSettings(fit_iterations=steps, loop_frames=frames, seed=seed)
    return GenerateRequest(path, settings, photo=kind.encode())


def environment():
    paths = os.pathsep.join(str(ROOT / part) for part in ("backend", "shared", "."))
    return {**os.environ, "PYTHONPATH": paths}


def wait_for(condition, timeout_s=10.0, what="condition"):
    """Return the first true value of ``condition``, or fail."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    message = f"{what} did not come within {timeout_s} s"
    raise AssertionError(message)


def alive(pid):
    """Whether a process runs; one that is dead and not collected does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end_at_sigterm():
    """Let a SIGTERM end this program as Ctrl-C does, so that the servers it started end too."""
    main = threading.current_thread() is threading.main_thread()
    if main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))


class Server:
    """A server process with the test jobs."""

    def __init__(self, folder, *options, job=JOB):
        end_at_sigterm()
        self.state_dir = folder / "state"
        self.folder = server_folder(self.state_dir)
        self.log_file = folder / "server.log"
        with self.log_file.open("ab") as log:
            command = [sys.executable, "-m", "livescape.server", "--job", job]
            command += ["--state-dir", str(self.state_dir), *options]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment())
        atexit.register(self.process.kill)  # of one that has ended, this does nothing
        self.info = wait_for(self.locate, 20, "the connection file")

    def locate(self):
        info = read_connection_file(self.state_dir)
        return info if info is not None and info.pid == self.process.pid else None

    def log(self):
        return self.log_file.read_text()

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


FRAME_BYTES = 2**18
"""Largest frame that the server takes."""


class Peer:
    """A raw DEALER, for what a well-behaved client would never say.

    It passes the gate, as one who knows the token, unless it is given another password.
    """

    def __init__(self, info, identity=None, *, password=None):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.plain_username = GATE_USER
        self.socket.plain_password = password or gate_password(info.token)
        if identity:
            self.socket.identity = identity
        self.socket.connect(info.endpoint)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.destroy(linger=0)

    def send(self, message, **options):
        self.socket.send_multipart(split(encode(message, **options), FRAME_BYTES))

    def send_raw(self, *frames):
        self.socket.send_multipart(frames)

    def receive(self, timeout_s=3.0):
        """Return the next envelope, None if none comes."""
        if not self.socket.poll(int(timeout_s * 1000)):
            return None
        return decode(self.socket.recv_multipart())

    def ask(self, message, message_id="asked", **options):
        """Return the answer to a message; what comes unasked, as pongs may, is not it."""
        self.send(message, message_id=message_id, **options)
        while (envelope := self.receive()) and envelope.parent != message_id:
            continue
        return envelope

    def hello(self, info, name="peer", key=""):
        return greet(self.ask, info.token, name, key)


def greet(ask, token, name="peer", key=""):
    """Go through the whole greeting by ``ask(message)``; return the last answer."""
    greeting = Greeting(token, name, key)
    challenge = ask(greeting.hello).message
    if not isinstance(challenge, Challenge):
        return challenge
    prove = greeting.prove(challenge)
    assert prove is not None, "the server knows the token"
    return ask(prove).message


class AtOnce(Executor):
    """Does its work where it is asked to, for tests that count turns."""

    def submit(self, call, /, *arguments, **named):
        done = Future()
        try:
            done.set_result(call(*arguments, **named))
        except Exception as error:
            done.set_exception(error)
        return done


class Later(Executor):
    """Does its work when it is told to."""

    def __init__(self):
        self.waiting = []

    def submit(self, call, /, *arguments, **named):
        self.waiting.append((Future(), call, arguments, named))
        return self.waiting[-1][0]

    def work(self):
        future, call, arguments, named = self.waiting.pop(0)
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(call(*arguments, **named))
        except Exception as error:
            future.set_exception(error)

    def shutdown(self, **_):
        while self.waiting:
            self.work()


def make_router(send, scheduler, folder, limits, *, token="token", new_place=None, **options):
    """Return a router of a server's ``folder`` that reads requests at once."""
    return Router(
        send,
        Greeter(token, limits, **options),
        Desk(AtOnce(), results_folder(folder), limits, is_there=scheduler.has),
        new_place or partial(PackingPlace, AtOnce()),
        scheduler,
        limits,
        **options,
    )


def names_of(folder):
    return sorted(path.name for path in folder.rglob("*"))


def replace_endpoint(info, endpoint):
    return replace(info, endpoint=endpoint)


def connect(server, timing=QUICK):
    return Client(server.locate, name="test", timing=timing)


_UNHEARD = weakref.WeakKeyDictionary()
"""Events of clients that came with the one that somebody followed them for."""


def follow(client, until, timeout_s=15.0):
    """Poll until ``until(event)`` holds; return all events, that one last.

    What came with it is returned by the next call.
    """
    unheard = _UNHEARD.setdefault(client, deque())
    events = []
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        unheard.extend(() if unheard else client.poll(wait_s=0.02))
        while unheard:
            events.append(unheard.popleft())
            if until(events[-1]):
                return events
    message = f"it did not come within {timeout_s} s; there were {events}"
    raise AssertionError(message)


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


def is_connected(event):
    return isinstance(event, Connected)


def is_finished(event):
    return isinstance(event, Finished)


def is_last_chunk(event):
    return isinstance(event, ChunkArrived) and event.seq == event.total - 1
