"""``livescape status``: how a server is."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from livescape.commands.jobs import bytes_text, span
from livescape.commands.server_client import ServerClient, add_server_arguments, find_server
from livescape_shared.messages import GetStatus, Status

DESCRIPTION = "Show a server's queue, device, memory, disk and versions."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``status`` to ``parser``."""
    add_server_arguments(parser, job=False)
    parser.add_argument("--json", action="store_true", help="print all there is as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print how the server is; return the exit code."""
    with ServerClient(find_server(arguments)) as client:
        status = client.ask(GetStatus(), Status)
    if arguments.json:
        sys.stdout.write(json.dumps(vars(status), indent=2) + "\n")
        return 0
    for name, text in lines(status):
        sys.stdout.write(f"{name:<9} {text}\n")
    return 0


def lines(status: Status) -> list[tuple[str, str]]:
    """Return what there is to say: a name and a text each."""
    queue = ", ".join(f"{count} {state}" for state, count in status.queue.items() if count)
    results = f"{bytes_text(status.results['bytes'])} of {bytes_text(status.results['quota'])}"
    said = [
        ("device", status.device or "not known yet"),
        ("jobs", queue or "none"),
        ("clients", str(status.clients)),
        ("results", results),
        ("memory", _free(status.memory)),
        ("card", _free(status.device_memory)),
        ("disk", _free(status.disk)),
        ("running", span(status.uptime_s)),
        ("versions", ", ".join(f"{name} {version}" for name, version in status.versions.items())),
    ]
    return [(name, text) for name, text in said if text]


def _free(memory: Mapping[str, Any]) -> str:
    if not memory:
        return ""
    return f"{bytes_text(memory['free'])} free of {bytes_text(memory['total'])}"
