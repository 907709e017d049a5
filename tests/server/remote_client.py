"""A client on another machine: pairs by a line, asks for a scene and says what came.

``python -m tests.server.remote_client LINE STATE_DIR`` prints it as JSON.
"""

import hashlib
import json
import sys
from pathlib import Path

from tests.server.harness import Client, follow, is_last_chunk, make_request, of, wait_for

from bridge.events import ChunkArrived
from bridge.remote import REMOTE, RemoteLaunch, pair
from livescape.server.remote.invite import invite
from livescape_shared.remote.invitation import Invitation

PHOTO = "count#a photo that nobody else may see"


def launched(server, state_dir):
    """Return a launch whose server can be connected to."""
    launch = RemoteLaunch(server, Path(state_dir))
    wait_for(lambda: launch.poll().state == "ready", what="the address")
    return launch


def client_of(server, state_dir, timing=REMOTE):
    launch = launched(server, state_dir)
    return Client(launch.locate, name="remote", timing=timing)


def newly_paired_client(server, state_dir, timing=REMOTE):
    """Pair with a server process of this machine, and return a client that enters by key."""
    return client_of(pair(invite(server.state_dir, "", 60.0), state_dir), state_dir, timing)


def result_of(client, request=None):
    """Let the server make a scene; return hashes of all its parts, in order."""
    client.submit(request or make_request(PHOTO))
    chunks = of(follow(client, is_last_chunk, 60), ChunkArrived)
    return [digest(chunk) for chunk in chunks]


def digest(chunk):
    found = hashlib.sha256(json.dumps(dict(chunk.meta), sort_keys=True).encode())
    for name, array in sorted(chunk.arrays.items()):
        found.update(name.encode() + str(array.dtype).encode() + array.tobytes())
    return f"{chunk.kind} {chunk.index} {found.hexdigest()}"


def main(line, state_dir):
    server = pair(Invitation.parse(line), Path(state_dir))
    with client_of(server, state_dir) as client:
        print(json.dumps({"name": server.name, "result": result_of(client)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
