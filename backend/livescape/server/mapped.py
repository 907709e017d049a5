"""Files in memory, mapped where nobody can cut them short meanwhile, else read.

The process that touches a mapped page which its file no longer has is ended by a signal. Linux
grants a lease on a file: whoever wants to open it for writing or to truncate it must wait until the
lease is given up, which it is with the mapping. Where there is no lease, on other systems and on
disks of other machines, a file is read instead.
"""

from __future__ import annotations

import mmap
import os
import signal
import sys
import weakref
from io import FileIO

if sys.platform == "linux":
    import fcntl

_leases: dict[int, int] = {}
"""Descriptors that hold leases, by the id of the mapping."""


def map_or_read(stream: FileIO) -> tuple[mmap.mmap | bytes, os.stat_result]:
    """Return the content of an open file, and what the system says of it.

    Only a mapping is sure not to change while it is held.

    Raises:
        OSError: From the file system.
        ValueError: If the file is empty.
    """
    descriptor = _lease(stream)
    status = os.fstat(stream.fileno())
    if descriptor is None:
        data = stream.readall()  # a single read ends early, after 2 GiB at the latest
        if not data:
            message = "there is nothing in it"
            raise ValueError(message)
        return data, status
    try:
        mapping = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except BaseException:
        os.close(descriptor)
        raise
    _leases[id(mapping)] = descriptor
    weakref.finalize(mapping, _give_up, id(mapping)).atexit = False
    return mapping, status


def let_go(data: mmap.mmap | bytes) -> None:
    """Give up at once what :func:`map_or_read` returned and nothing views any more."""
    if isinstance(data, mmap.mmap):
        data.close()
        _give_up(id(data))


def contested() -> set[int]:
    """Return the ids of the mappings for whose files somebody is waiting; they should go soon.

    Linux lets whoever waits go on after ``/proc/sys/fs/lease-break-time`` seconds, by default 45.
    """
    if sys.platform != "linux":
        return set()
    return {key for key, descriptor in tuple(_leases.items()) if _is_contested(descriptor)}


def _is_contested(descriptor: int) -> bool:
    try:
        return fcntl.fcntl(descriptor, fcntl.F_GETLEASE) != fcntl.F_RDLCK
    except OSError:  # another thread has let the mapping go meanwhile
        return False


def _lease(stream: FileIO) -> int | None:
    """Return a descriptor with a lease on the file, None if there is none to be had."""
    if sys.platform != "linux":
        return None
    descriptor = os.dup(stream.fileno())
    try:
        # What tells of a waiting writer is a signal; this one does nothing by itself.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _give_up(key: int) -> None:
    """Give up a lease, in whichever thread let the mapping go."""
    descriptor = _leases.pop(key, None)
    if descriptor is not None:
        os.close(descriptor)
