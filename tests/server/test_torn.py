"""Connections that break while a message of many frames is being read.

ZeroMQ looks for news of a connection now and then while it hands frames over, at every hundredth
at the latest. What it does wrong then ends the process, so each case has a process of its own.
"""

import subprocess
import sys

import pytest
from tests.server.harness import ROOT, environment

FRAMES = 300

READ_TORN = f"""
import sys, time
import zmq
import tests.server.harness
from bridge.link import Link
from livescape.commands.line import Line
from livescape_shared.remote.access import KeyAccess
from livescape_shared.remote.keys import KeyPair

kind = sys.argv[1]
theirs = zmq.Context()
server = theirs.socket(zmq.ROUTER)
server.linger = 0
keys = KeyPair.new(zmq.curve_keypair)
server.curve_server = True
server.curve_publickey, server.curve_secretkey = keys.public, keys.secret
endpoint = "tcp://127.0.0.1:%d" % server.bind_to_random_port("tcp://127.0.0.1")
access = KeyAccess(endpoint, keys.public, KeyPair.new(zmq.curve_keypair), "server")
ours = zmq.Context()
link = Link(ours, access) if kind == "link" else Line(access)
while link.send([b"hello"]) is False:
    time.sleep(0.01)
client, _ = server.recv_multipart()
server.send_multipart([client] + [b"frame"] * {FRAMES})
assert link._socket.poll(5000)
assert link._socket.recv() == b"frame"
server.close()
theirs.term()
time.sleep(0.3)
frames = 1
while link._socket.getsockopt(zmq.RCVMORE):
    assert link._socket.recv(zmq.NOBLOCK) == b"frame"
    frames += 1
if kind == "link":
    assert link.is_broken
    assert not link.send([b"too late"])
link.close()
ours.term()
print("frames:", frames)
"""


@pytest.mark.parametrize("kind", ["link", "line"])
def test_a_connection_that_breaks_while_a_message_is_read_does_not_end_the_process(kind):
    command = [sys.executable, "-c", READ_TORN, kind]
    ran = subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=120
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, f"frames: {FRAMES}"), ran.stderr
