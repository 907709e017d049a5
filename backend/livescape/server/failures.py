"""The errors for a worker that cannot load the backend, crashes, hangs or dies."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from livescape.server.framefile import disk_full
from livescape_shared.errors import LivescapeError
from livescape_shared.files import NO_SPACE

_LIBRARY = re.compile(
    r"(?P<so>[\w.+-]+\.so[\w.]*): cannot open shared object"
    r"|Library not loaded: (?:\S*/)?(?P<dylib>[\w.+-]+)"
    r"|Error loading \"(?:[^\"]*[\\/])?(?P<dll>[^\"\\/]+)\""
    r"|Could not find module '(?:[^']*[\\/])?(?P<module>[^'\\/]+)'"
    r"|DLL load failed while importing (?P<importing>[\w.]+)"
)
"""How the loaders of Linux, macOS and Windows report that a library is missing, and which."""

_LONGEST_REASON = 200


def load_failure(error: Exception) -> LivescapeError:
    """Return the error for a backend that raised ``error`` while it was imported."""
    if isinstance(error, MemoryError):
        return _out_of_memory()
    if isinstance(error, ModuleNotFoundError):
        return LivescapeError(
            "backend_incomplete",
            f"The compute backend lacks the Python package {error.name or error}.",
            hint="Install it with: pip install 'livescape[backend]'.",
            stage="load",
        )
    library = _LIBRARY.search(str(error)) if isinstance(error, ImportError | OSError) else None
    if library is not None:
        name = next(filter(None, library.groups()))
        return LivescapeError(
            "system_library_missing",
            f"The compute backend cannot be loaded: the system library {name} is missing.",
            hint="Install the package of your system that contains it (on Windows usually the "
            "Microsoft Visual C++ Redistributable), then try again.",
            stage="load",
        )
    return _broken(_reason(error), retryable=False)


def load_death(exit_code: int | None) -> LivescapeError:
    """Return the error for a worker that died while it imported the backend."""
    return _broken(f"its process ended with {exit_text(exit_code)}", retryable=True)


def _broken(reason: str, *, retryable: bool) -> LivescapeError:
    return LivescapeError(
        "backend_broken",
        f"The compute backend cannot be loaded: {reason}.",
        hint="Install it again with: pip install --force-reinstall 'livescape[backend]'. The "
        "server's log says more.",
        stage="load",
        retryable=retryable,
    )


def start_failure(error: OSError) -> LivescapeError:
    """Return the error for a system that refuses to start a worker at all."""
    return LivescapeError(
        "worker_not_started",
        f"The computing process cannot be started: {error.strerror or error}.",
        hint="Close other programs and try again.",
        stage="load",
        retryable=True,
    )


def job_failure(error: Exception) -> tuple[LivescapeError, bool]:
    """Return the error for a job that raised ``error``, and whether it was foreseen.

    After an unforeseen fault, the state of the process cannot be trusted.
    """
    if isinstance(error, LivescapeError):
        return error, True
    # torch has its own ways of saying that memory ran out
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return _out_of_memory(), True
    if isinstance(error, RuntimeError) and "can't allocate memory" in str(error):
        return _out_of_memory(), True
    if isinstance(error, OSError) and error.errno in NO_SPACE:
        return disk_full(Path(error.filename or ".")), True
    crashed = LivescapeError(
        "job_crashed",
        f"The generation stopped because of a fault in Livescape ({_reason(error)}).",
        hint="Please report it with the server's log.",
    )
    return crashed, False


def _out_of_memory() -> LivescapeError:
    return LivescapeError(
        "out_of_memory",
        "The scene does not fit into the memory of this machine.",
        hint="Choose a smaller preset, a smaller working size or fewer Gaussians.",
    )


def job_death(exit_code: int | None) -> LivescapeError:
    """Return the error for a job whose worker died."""
    return LivescapeError(
        "worker_died",
        f"The computing process ended unexpectedly with {exit_text(exit_code)}.",
        hint="Try again; if memory is short, choose a smaller preset.",
        retryable=True,
    )


def server_death(servers: int) -> LivescapeError:
    """Return the error for a job in one stage of which so many servers have ended."""
    return LivescapeError(
        "job_ends_server",
        f"The server has ended {servers} times in the same stage of this generation.",
        hint="Choose a smaller preset; please report it with the server's log.",
    )


def job_hung(seconds: float) -> LivescapeError:
    """Return the error for a job that has made no progress for so long."""
    return LivescapeError(
        "worker_hung",
        f"The generation has made no progress for {seconds:.0f} seconds.",
        hint="Try again; please report it with the server's log if it happens again.",
        retryable=True,
    )


def exit_text(exit_code: int | None) -> str:
    """Return how a process ended, in words."""
    if exit_code is None:
        return "an unknown exit code"
    if exit_code >= 0:
        return f"exit code {exit_code}"
    try:
        return f"signal {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"signal {-exit_code}"


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_LONGEST_REASON].rstrip(".")
