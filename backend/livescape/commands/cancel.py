"""``livescape cancel``: a job that is not wanted any more."""

from __future__ import annotations

import argparse
import sys

from livescape.commands.server_client import ServerClient, add_server_arguments, find_server
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Ack, EndJob, Jobs, ListJobs

DESCRIPTION = "Stop a job of a server."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``cancel`` to ``parser``."""
    add_server_arguments(parser, job=True)
    parser.add_argument("--force", action="store_true", help="even if somebody waits for it")


def run(arguments: argparse.Namespace) -> int:
    """Stop the job at its next step; return the exit code.

    Raises:
        LivescapeError: ``job_unknown``, or ``job_awaited`` if somebody waits for it.
    """
    with ServerClient(find_server(arguments)) as client:
        job = client.job(arguments.job)
        values = client.ask(ListJobs(), Jobs).jobs.get(job, {})
        waiting = values.get("waiting", 0)
        if waiting and not arguments.force:
            raise LivescapeError(
                "job_awaited",
                f"{waiting} {'client waits' if waiting == 1 else 'clients wait'} for this job.",
                hint="Stop it all the same with --force.",
            )
        client.ask(EndJob(job), Ack)
    sys.stderr.write(f"{job} stops\n")
    return 0
