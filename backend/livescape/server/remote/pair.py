"""``livescape pair``: let one more client use the server of this machine."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from livescape.server.remote.invite import LIFETIME_MIN, invite
from livescape_shared.connection import chosen_state_dir
from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file
from livescape_shared.remote.invitation import SUFFIX, Invitation
from livescape_shared.remote.keys import fingerprint
from livescape_shared.values import number

DESCRIPTION = "Print the line with which one more computer may use this machine's server."

MOST_MIN = 7 * 24 * 60.0


def minutes(text: str) -> float:
    """Return a time in minutes, as an option says it."""
    try:
        return number(float(text), 0.0, MOST_MIN)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``pair`` to ``parser``."""
    add = parser.add_argument
    add("--address", default="", metavar="HOST[:PORT]",
        help="where that computer finds the server, if not where it listens")  # fmt: skip
    add("--minutes", type=minutes, default=LIFETIME_MIN,
        help="how long the line can be used, once; default: %(default)g")  # fmt: skip
    add("--file", type=Path, help=f"write the line into a file, best named NAME{SUFFIX}")
    add("--state-dir", type=Path, help="state folder of the server")


def run(arguments: argparse.Namespace) -> int:
    """Print the line; return the exit code.

    Raises:
        LivescapeError: As :func:`invite`, or ``output_not_writable``.
    """
    state_dir = chosen_state_dir(arguments.state_dir)
    invitation = invite(state_dir, arguments.address, arguments.minutes * 60.0)
    tell(invitation, arguments.minutes)
    if arguments.file is not None:
        write(arguments.file, invitation)
    return 0


def tell(invitation: Invitation, lifetime_min: float) -> None:
    """Print the line, and beside it what it is."""
    sys.stdout.write(f"{invitation.line()}\n")
    sys.stdout.flush()
    sys.stderr.write(
        f"Use it once, within {lifetime_min:g} minutes: in Blender under Preferences > Add-ons > "
        f"Livescape, or after `livescape status --server`. Fingerprint of the server: "
        f"{fingerprint(invitation.server_key)}\n"
    )


def write(path: Path, invitation: Invitation) -> None:
    """Write the line into a file that only this user can read.

    Raises:
        LivescapeError: ``output_not_writable`` or ``disk_full``.
    """
    with whole_file(path, mode=0o600) as partial:
        partial.write_text(f"{invitation.line()}\n", encoding="utf-8")


def pair_at_start(state_dir: Path, address: str) -> None:
    """Print the line of a server that has just started, or why there is none.

    Args:
        state_dir: Its state folder.
        address: Where the client will find it; empty for where it listens.
    """
    try:
        tell(invite(state_dir, address, LIFETIME_MIN * 60.0), LIFETIME_MIN)
    except LivescapeError as error:
        sys.stderr.write(f"{error.code}: {error}\n")
