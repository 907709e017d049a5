"""The options of ``livescape serve``."""

from __future__ import annotations

import argparse
import dataclasses
import logging
import sys
from collections.abc import Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path

from livescape.server.bounds import Limits
from livescape.server.cluster import ClusterOptions
from livescape.server.logs import Sparing
from livescape.server.remote.pair import pair_at_start
from livescape.server.serve import DEFAULT_JOB, ServeOptions, serve
from livescape_shared.connection import ALREADY_RUNNING, chosen_state_dir
from livescape_shared.errors import LivescapeError
from livescape_shared.remote.invitation import DEFAULT_PORT
from livescape_shared.values import number

LOGGER = logging.getLogger(__name__)

LOG_MIB = 5.0
OLD_LOGS = 3
MOST = 1e9
MOST_WORKERS = 256
GIB = 2**30
MIB = 2**20
LAST_PORT = 65_535

DESCRIPTION = "Serve generations to Blender on this machine, and on others that are paired."


def _amount(text: str) -> float:
    try:
        return number(float(text), 0.0, MOST)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_WORKERS:
        message = f"{text[:20]!r} is not a number from 1 to {MOST_WORKERS}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _port(text: str) -> int:
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(LAST_PORT))
    if not digits or int(text) > LAST_PORT:
        message = f"{text[:20]!r} is not a port: a number from 1 to {LAST_PORT}, or 0 for any"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _address(text: str) -> str:
    if "://" in text:
        message = "the server joins the cluster as one of its nodes: HOST:PORT, as of ray start"
        raise argparse.ArgumentTypeError(message)
    return text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``serve`` to ``parser``."""
    limits = Limits()
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="loopback address to listen on")
    add("--port", type=_port, default=0, help="port to listen on; any free one by default")
    add("--listen", default="", metavar="ADDRESS[:PORT]",
        help="listen for paired computers there too, encrypted; 0.0.0.0 for every network, "
        f"port {DEFAULT_PORT} by default")  # fmt: skip
    add("--pair", nargs="?", const="", metavar="HOST[:PORT]",
        help="with --listen, print a line for pairing, with this address if given")  # fmt: skip
    add("--state-dir", type=Path, help="folder in which the server makes its own folder")
    add("--cache-dir", type=Path, help="folder for the pipeline's cache")
    add("--executor", choices=("local", "ray"), default="local",
        help="what computes: this machine, or a Ray cluster, see docs/scaling.md")  # fmt: skip
    add("--workers", type=_count, default=0, metavar="N",
        help="generations at a time; by default one for each graphics card, or one")  # fmt: skip
    add("--address", type=_address, default="auto", metavar="HOST:PORT",
        help="of the Ray cluster; by default that of this machine")  # fmt: skip
    add("--job-gpus", type=_amount, metavar="N",
        help="graphics cards of it that a generation takes; by default one, if any")  # fmt: skip
    add("--job-cpus", type=_amount, default=1.0, metavar="N",
        help="cores of it that a generation takes, default: %(default)g")  # fmt: skip
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
    add("--log-file", type=Path, metavar="FILE",
        help="log into this file, which rotates, instead of to standard error")  # fmt: skip
    add("--log-size", type=_amount, default=LOG_MIB, metavar="MIB",
        help="size at which the log file is begun anew; three old ones are kept")  # fmt: skip
    add("--keep-free", type=_amount, default=limits.free_disk_bytes / MIB, metavar="MIB",
        help="disk space that requests and finished scenes never take")  # fmt: skip
    add("--largest-request", type=_amount, default=limits.request_bytes / MIB, metavar="MIB",
        help="memory that one request may take on its way")  # fmt: skip
    add("--job", default=DEFAULT_JOB, metavar="MODULE:FUNCTION", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Serve as the parsed ``arguments`` say; return the exit code."""
    try:
        _begin_log(arguments.log_file, int(arguments.log_size * 2**20))
    except LivescapeError as error:
        sys.stderr.write(f"{error.code}: {error}\n")
        return 1
    state_dir = chosen_state_dir(arguments.state_dir)

    def on_ready() -> None:
        if arguments.pair is not None:
            pair_at_start(state_dir, arguments.pair)

    options = ServeOptions(
        state_dir=state_dir,
        cache_dir=(arguments.cache_dir or state_dir / "cache").expanduser().absolute(),
        host=arguments.host,
        port=arguments.port,
        listen=arguments.listen,
        on_ready=on_ready,
        parent_pid=arguments.parent_pid,
        idle_shutdown_s=arguments.idle_shutdown,
        job=arguments.job,
        workers=arguments.workers,
        cluster=_cluster(arguments) if arguments.executor == "ray" else None,
        limits=dataclasses.replace(
            Limits(),
            cancel_grace_s=arguments.cancel_grace,
            stall_s=arguments.stall_timeout,
            free_disk_bytes=int(arguments.keep_free * MIB),
            results_bytes=int(arguments.results_quota * GIB),
            request_bytes=int(arguments.largest_request * MIB),
        ),
    )
    try:
        serve(options)
    except LivescapeError as error:
        LOGGER.error("%s: %s", error.code, error)
        if arguments.log_file is not None:
            sys.stderr.write(f"{error.code}: {error}\n")
        return ALREADY_RUNNING if error.code == "server_already_running" else 1
    return 0


def _cluster(arguments: argparse.Namespace) -> ClusterOptions:
    return ClusterOptions(
        arguments.address,
        arguments.job_gpus,
        arguments.job_cpus,
        arguments.cache_dir.expanduser().absolute() if arguments.cache_dir else None,
    )


def _begin_log(log_file: Path | None, size: int) -> None:
    """Send the log to standard error, or to a file that is renamed when it has a ``size``.

    Raises:
        LivescapeError: ``log_not_writable``.
    """
    handler: logging.Handler = logging.StreamHandler()
    if log_file is not None:
        try:
            log_file.parent.mkdir(parents=True, exist_ok=True)
            handler = RotatingFileHandler(log_file, "a", size, OLD_LOGS, encoding="utf-8")
        except OSError as error:
            raise LivescapeError(
                "log_not_writable",
                f"The log {log_file} cannot be written: {error.strerror or error}.",
                hint="Choose another --log-file.",
            ) from error
    handler.addFilter(Sparing())
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s server %(levelname)s %(message)s",
        handlers=[handler],
        force=True,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Parse ``argv`` and serve; return the exit code."""
    parser = argparse.ArgumentParser(prog="livescape serve", description=DESCRIPTION)
    add_arguments(parser)
    return run(parser.parse_args(argv))
