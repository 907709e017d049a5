"""``livescape jobs``: the jobs of a server."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from typing import Any

from livescape.commands.server_client import ServerClient, add_server_arguments, find_server
from livescape_shared.messages import Jobs, ListJobs

DESCRIPTION = "List the jobs of a server and their results."

HEAD = ("JOB", "STATE", "STAGE", "DONE", "AGE", "WAITING", "SIZE", "FOR")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``jobs`` to ``parser``."""
    add_server_arguments(parser, job=False)
    parser.add_argument("--json", action="store_true", help="print all there is as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the jobs; return the exit code."""
    with ServerClient(find_server(arguments)) as client:
        jobs = client.ask(ListJobs(), Jobs).jobs
    if arguments.json:
        sys.stdout.write(json.dumps(jobs, indent=2) + "\n")
        return 0
    rows = [HEAD, *(row(job, values, time.time()) for job, values in jobs.items())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for each in rows:
        cells = (cell.ljust(width) for cell, width in zip(each, widths, strict=True))
        sys.stdout.write("  ".join(cells).rstrip() + "\n")
    return 0


def row(job: str, values: Mapping[str, Any], now: float) -> tuple[str, ...]:
    """Return what the table shows of a job."""
    failed = values["error"].get("code", "")
    return (
        job[:12],
        values["state"],
        failed or ("" if values["state"] == "done" else values["stage"]),
        f"{values['fraction']:.0%}",
        span(now - values["created"]),
        str(values["waiting"]),
        bytes_text(values["size"]) if values["size"] else "",
        values["client"],
    )


def span(seconds: float) -> str:
    """Return a length of time as people say it, such as ``5 min``."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{int(seconds // length)} {unit}"
    return f"{max(0, int(seconds))} s"


def bytes_text(count: float) -> str:
    """Return a number of bytes in the unit that suits it."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
