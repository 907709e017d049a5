"""``livescape servers``: the servers on other machines that this user is paired with."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from livescape_shared.connection import chosen_state_dir
from livescape_shared.remote.keys import fingerprint
from livescape_shared.remote.servers import Servers

DESCRIPTION = "List the servers on other machines that this user is paired with."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``servers`` to ``parser``."""
    parser.add_argument("--remove", metavar="NAME", help="forget this server")
    parser.add_argument("--json", action="store_true", help="print all there is as JSON")
    parser.add_argument("--state-dir", type=Path, help="state folder of this user")


def run(arguments: argparse.Namespace) -> int:
    """Print the servers, or forget one; return the exit code.

    Raises:
        LivescapeError: ``server_not_paired`` or ``output_not_writable``.
    """
    servers = Servers(chosen_state_dir(arguments.state_dir))
    if arguments.remove is not None:
        servers.remove(servers.named(arguments.remove))
        return 0
    known = servers.all()
    if arguments.json:
        listed = [
            {"name": each.name, "address": str(each.place), "fingerprint": fingerprint(each.key)}
            for each in known
        ]
        sys.stdout.write(json.dumps(listed, indent=2) + "\n")
        return 0
    for each in known:
        sys.stdout.write(f"{each.name}  {each.place}  {fingerprint(each.key)}\n")
    return 0
