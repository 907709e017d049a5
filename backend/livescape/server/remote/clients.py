"""``livescape clients``: the computers that may use the server of this machine."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from livescape.server.remote.invite import guestbook_of
from livescape_shared.connection import chosen_state_dir
from livescape_shared.remote.keys import fingerprint

DESCRIPTION = "List the computers that are paired with this machine's server."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``clients`` to ``parser``."""
    parser.add_argument("--json", action="store_true", help="print all there is as JSON")
    parser.add_argument("--state-dir", type=Path, help="state folder of the server")


def run(arguments: argparse.Namespace) -> int:
    """Print the clients; return the exit code."""
    guests = guestbook_of(chosen_state_dir(arguments.state_dir)).guests()
    if arguments.json:
        listed = [
            {"fingerprint": fingerprint(each.key), "name": each.name, "since": each.since}
            for each in guests
        ]
        sys.stdout.write(json.dumps(listed, indent=2) + "\n")
        return 0
    for guest in guests:
        day = time.strftime("%Y-%m-%d", time.localtime(guest.since))
        sys.stdout.write(f"{fingerprint(guest.key)}  {day}  {guest.name}\n")
    return 0
