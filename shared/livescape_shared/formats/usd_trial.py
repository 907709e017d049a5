"""Whether OpenUSD survives a file: what is damaged can end the process that opens it.

The file is opened by another Python first, of which only the fate is of interest. Where there is
none that has OpenUSD, as in some builds of Blender, the file is opened unseen.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from livescape_shared.processes import without_console

Trial = Callable[[Path], bool]

LEAST_S, BYTES_PER_S = 30.0, 10e6
"""How long another Python may be there for a file, which has to start first."""

LEAST_PROCESSOR_S = 0.5
"""How long it may compute for a small file: some damage makes OpenUSD go round for ever."""

_READ = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
try:
    from pxr import Usd, UsdGeom
    from livescape_shared.formats.usd_read import read_usd, usd_times
    from livescape_shared.formats.usd_trial import limit_processor
    limit_processor(Path(sys.argv[1]))
    path, unseen = Path(sys.argv[1]), lambda path: True
    for time in [None, *usd_times(path, unseen)]:
        read_usd(path, time, unseen)
except Exception:
    pass
"""
"""Whatever can be said in words is said by the one that opens it in earnest."""

_HERE = Path(__file__).resolve().parents[2]

_survived: dict[Path, tuple[int, int]] = {}
"""Size and time of the file that was tried last, of which one frame after another is read."""


def limit_processor(path: Path) -> None:
    """Let this process end if it computes longer from now on than reading a file can take.

    Windows has no such limit; there, the other's patience ends.
    """
    if hasattr(signal, "setitimer"):  # left to itself, SIGPROF ends a process
        allowed = LEAST_PROCESSOR_S + path.stat().st_size / BYTES_PER_S
        signal.setitimer(signal.ITIMER_PROF, allowed)


def survives(path: Path) -> bool:
    """Return whether another Python has read a file and come to its own end, or was not there."""
    status = path.stat()
    state = (status.st_size, status.st_mtime_ns)
    if _survived.get(path) == state:
        return True
    _survived.clear()
    if not _tried(path, LEAST_S + status.st_size / BYTES_PER_S):
        return False
    _survived[path] = state
    return True


def _tried(path: Path, patience_s: float) -> bool:
    if not sys.executable:
        return True
    # Without -P, modules would be taken from the current folder, which may be the file's.
    command = [sys.executable, "-P", "-c", _READ, str(path), str(_HERE)]
    quiet = subprocess.DEVNULL
    try:
        end = subprocess.run(
            command, stdin=quiet, stdout=quiet, stderr=quiet, timeout=patience_s, check=False,
            **without_console(),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False
    except OSError:
        return True
    return 0 <= end.returncode < 128  # a signal is negative here, and a large number on Windows
