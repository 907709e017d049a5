"""``livescape forget``: a result that is not wanted any more."""

from __future__ import annotations

import argparse
import sys

from livescape.commands.server_client import ServerClient, add_server_arguments, find_server
from livescape_shared.messages import Ack, Forget

DESCRIPTION = "Remove a job that has ended, and its result, from a server."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``forget`` to ``parser``."""
    add_server_arguments(parser, job=True)


def run(arguments: argparse.Namespace) -> int:
    """Remove it; return the exit code."""
    with ServerClient(find_server(arguments)) as client:
        job = client.job(arguments.job)
        client.ask(Forget(job), Ack)
    sys.stderr.write(f"{job} is forgotten\n")
    return 0
