"""The ``livescape`` command."""

from __future__ import annotations

import os

# Idle OpenMP threads of torch would otherwise spin and starve the rasterizer's own.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import importlib
import io
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from livescape_shared import __version__
from livescape_shared.errors import LivescapeError
from livescape_shared.files import at_home

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
    _speak_any_script()
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
    options = _at_home(parser.parse_args(arguments))
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING)
    try:
        return int(options.run(options))
    except LivescapeError as error:
        sys.stderr.write(f"{error.code}: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def _speak_any_script() -> None:
    """Let names that the terminal's code page lacks be said by their numbers, not end us."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def _at_home(options: argparse.Namespace) -> argparse.Namespace:
    """Return options whose paths begin at the user's folder where they say ``~``.

    Shells leave it alone in quotes and after an equals sign.
    """
    for name, value in vars(options).items():
        if isinstance(value, Path):
            setattr(options, name, at_home(value))
        elif isinstance(value, list):
            paths = [at_home(each) if isinstance(each, Path) else each for each in value]
            setattr(options, name, paths)
    return options


if __name__ == "__main__":
    sys.exit(main())
