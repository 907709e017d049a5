"""Which server ``--server`` means: a paired one by its name, or a new one by its line."""

from __future__ import annotations

from pathlib import Path

import zmq

from livescape.commands.line import Line
from livescape_shared.files import is_file
from livescape_shared.remote.access import KeyAccess
from livescape_shared.remote.invitation import SCHEME, SUFFIX, Invitation
from livescape_shared.remote.pairing import Pairer
from livescape_shared.remote.servers import Servers


def enter(named: str, servers: Servers) -> KeyAccess:
    """Return how to enter the server that ``named`` means; a new line is paired with first.

    Args:
        named: The name of a paired server, a line, or the path of a file with a line.
        servers: Those that are known.

    Raises:
        LivescapeError: ``server_not_paired``, ``pairing_line_invalid``, ``input_unreadable``, or
            as :meth:`livescape_shared.remote.pairing.Pairer.pair`.
    """
    pairer = Pairer(servers, Line, zmq.curve_keypair, zmq.curve_public)
    if named.startswith(SCHEME):
        server = pairer.introduced(Invitation.parse(named))
    elif named.endswith(SUFFIX) or is_file(Path(named)):
        server = pairer.introduced(Invitation.read(Path(named)))
    else:
        server = servers.named(named)
    return pairer.access(server)
