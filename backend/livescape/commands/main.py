"""The ``livescape`` command."""

from __future__ import annotations

import os

# Idle OpenMP threads of torch would otherwise spin and starve the rasterizer's own.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import importlib
import logging
import sys
from collections.abc import Sequence

from livescape_shared import __version__
from livescape_shared.errors import LivescapeError

DESCRIPTION = "Turn one photograph and a camera path into a living 4D Gaussian scene."

COMMANDS = {
    "run": "livescape.commands.run",
    "batch": "livescape.commands.batch",
    "movie": "livescape.commands.movie",
    "serve": "livescape.server.command",
    "pair": "livescape.server.remote.pair",
    "unpair": "livescape.server.remote.unpair",
    "clients": "livescape.server.remote.clients",
    "servers": "livescape.commands.servers",
    "status": "livescape.commands.status",
    "jobs": "livescape.commands.jobs",
    "watch": "livescape.commands.watch",
    "cancel": "livescape.commands.cancel",
    "fetch": "livescape.commands.fetch",
    "forget": "livescape.commands.forget",
    "doctor": "livescape.commands.doctor",
    "evaluate": "livescape.commands.evaluate",
    "models": "livescape.commands.models",
    "viewer": "livescape.commands.viewer",
    "convert": "livescape.commands.convert",
}
"""Module of each subcommand; it has DESCRIPTION, add_arguments() and run()."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line ``argv``; return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="livescape", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"livescape {__version__}")
    parser.add_argument("--verbose", action="store_true", help="log more details")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    # Only the command that is asked for is imported: torch takes seconds.
    asked = next((word for word in arguments if word in COMMANDS), None)
    for name, module_name in COMMANDS.items():
        if asked not in (None, name):
            continue
        module = importlib.import_module(module_name)
        command = commands.add_parser(name, help=module.DESCRIPTION, description=module.DESCRIPTION)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING)
    try:
        return int(options.run(options))
    except LivescapeError as error:
        sys.stderr.write(f"{error.code}: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
