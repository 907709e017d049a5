"""``livescape watch``: how a job goes, until it has ended."""

from __future__ import annotations

import argparse
import sys

from livescape.commands.server_client import (
    ServerClient,
    add_server_arguments,
    find_server,
    stopped,
)
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Finished, Goodbye, Progress, Refused, Watch

DESCRIPTION = "Follow a job of a server until it has ended."

EXIT_CODES = {"done": 0, "failed": 1, "cancelled": 3}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``watch`` to ``parser``."""
    add_server_arguments(parser, job=True)


def run(arguments: argparse.Namespace) -> int:
    """Say each stage, then how the job ended; return 0 if it is done."""
    with ServerClient(find_server(arguments)) as client:
        job = client.job(arguments.job)
        end = follow(client, job)
    sys.stderr.write(f"{job} is {end.state}\n")
    if end.error:
        error = LivescapeError.from_dict(end.error)
        sys.stderr.write(f"{error.code}: {error}\n")
    return EXIT_CODES.get(end.state, 1)


def follow(client: ServerClient, job: str) -> Finished:
    """Say each stage of ``job`` and return its end.

    Raises:
        LivescapeError: ``job_unknown``, ``server_stopped`` or ``server_silent``.
    """
    asked, stage = client.send(Watch(job)), ""
    while True:
        envelope = client.receive()
        match envelope.message:
            case Progress() as progress if progress.job == job and progress.stage != stage:
                stage = progress.stage
                sys.stderr.write(f"{progress.fraction:4.0%} {stage}\n")
            case Finished() as end if envelope.parent == asked:
                return end
            case Refused() as refused if envelope.parent == asked:
                raise LivescapeError.from_dict(refused.error)
            case Goodbye() as goodbye:
                raise stopped(goodbye, "Start it again: it goes on with the job.")
