"""The options of ``livescape serve``."""

from __future__ import annotations

import argparse
import dataclasses
import logging
from collections.abc import Sequence
from pathlib import Path

from livescape.server.bounds import Limits
from livescape.server.logs import Sparing
from livescape.server.serve import DEFAULT_JOB, ServeOptions, serve
from livescape_shared.connection import default_state_dir
from livescape_shared.errors import LivescapeError
from livescape_shared.values import number

LOGGER = logging.getLogger(__name__)

MOST = 1e9
GIB = 2**30

DESCRIPTION = "Serve generations to Blender on this machine."


def _amount(text: str) -> float:
    try:
        return number(float(text), 0.0, MOST)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``serve`` to ``parser``."""
    limits = Limits()
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="loopback address to listen on")
    add("--port", type=int, default=0, help="port to listen on; any free one by default")
    add("--state-dir", type=Path, help="folder in which the server makes its own folder")
    add("--cache-dir", type=Path, help="folder for the pipeline's cache")
    add("--parent-pid", type=int, default=0, metavar="PID",
        help="stop when this process has ended and nobody uses the server")  # fmt: skip
    add("--idle-shutdown", type=_amount, default=0.0, metavar="SECONDS",
        help="stop when unused for this long")  # fmt: skip
    add("--cancel-grace", type=_amount, default=limits.cancel_grace_s, metavar="SECONDS",
        help="time for a cancelled generation to stop before its process is killed")  # fmt: skip
    add("--stall-timeout", type=_amount, default=limits.stall_s, metavar="SECONDS",
        help="time without progress after which a generation counts as hung")  # fmt: skip
    add("--results-quota", type=_amount, default=limits.results_bytes / GIB, metavar="GIB",
        help="disk space for finished scenes; the least recently used make room")  # fmt: skip
    add("--job", default=DEFAULT_JOB, metavar="MODULE:FUNCTION", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Serve as the parsed ``arguments`` say; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s server %(levelname)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(Sparing())
    state_dir = (arguments.state_dir or default_state_dir()).expanduser().absolute()
    options = ServeOptions(
        state_dir=state_dir,
        cache_dir=(arguments.cache_dir or state_dir / "cache").expanduser().absolute(),
        host=arguments.host,
        port=arguments.port,
        parent_pid=arguments.parent_pid,
        idle_shutdown_s=arguments.idle_shutdown,
        job=arguments.job,
        limits=dataclasses.replace(
            Limits(),
            cancel_grace_s=arguments.cancel_grace,
            stall_s=arguments.stall_timeout,
            results_bytes=int(arguments.results_quota * GIB),
        ),
    )
    try:
        serve(options)
    except LivescapeError as error:
        LOGGER.error("%s: %s", error.code, error)
        return 1
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse ``argv`` and serve; return the exit code."""
    parser = argparse.ArgumentParser(prog="livescape serve", description=DESCRIPTION)
    add_arguments(parser)
    return run(parser.parse_args(argv))
