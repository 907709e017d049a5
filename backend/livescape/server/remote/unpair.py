"""``livescape unpair``: a computer that may use the server of this machine no longer."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from livescape.server.remote.invite import guestbook_of
from livescape_shared.connection import chosen_state_dir
from livescape_shared.errors import LivescapeError
from livescape_shared.remote.keys import fingerprint

DESCRIPTION = "Take back that a computer may use this machine's server."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``unpair`` to ``parser``."""
    parser.add_argument("client", help="its name or fingerprint, see livescape clients")
    parser.add_argument("--state-dir", type=Path, help="state folder of the server")


def run(arguments: argparse.Namespace) -> int:
    """Remove the client, whose connections end within a second; return the exit code.

    Raises:
        LivescapeError: ``client_unknown``.
    """
    guestbook = guestbook_of(chosen_state_dir(arguments.state_dir))
    wanted = arguments.client
    found = [each for each in guestbook.guests() if wanted in (each.name, fingerprint(each.key))]
    if len(found) != 1:
        raise LivescapeError(
            "client_unknown",
            f"{len(found)} paired computers are called {wanted[:80]!r}.",
            hint="Give the fingerprint; list them with: livescape clients",
        )
    guestbook.remove(found[0])
    sys.stderr.write(f"{found[0].name} may use this server no longer\n")
    return 0
