"""Files that are written completely or not at all, and the meaning of file system errors.

Everything that is kept is first written to a *partial* file beside its destination, which then
takes its place: :func:`whole_stream` for writers that take a stream, :func:`whole_file` for those
that want a path, :func:`partial_path` for whole folders. The names of partial files cannot be
guessed by others who may write to the same folder, and show which process they belong to: those
that a killed process leaves behind are removed by the next writer.
"""

from __future__ import annotations

import errno
import os
import platform
import re
import secrets
import shutil
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from livescape_shared.errors import LivescapeError
from livescape_shared.processes import process_alive

NO_SPACE = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""Error numbers of a full disk or quota."""

ABANDONED_S = 24 * 3600.0
"""Time after which a partial file that another machine has begun counts as abandoned."""

_PARTIAL = re.compile(r"\.livescape-([0-9a-f]{8})-(\d{1,10})-[0-9a-f]{16}\.partial(\..{1,16})?")
_LONGEST_SUFFIX = 16

Refusal = Callable[[Path, OSError], LivescapeError]


def output_refusal(path: Path, error: OSError) -> LivescapeError:
    """Return the error that a file system's ``error`` means for writing ``path``."""
    if error.errno in NO_SPACE:
        return LivescapeError(
            "disk_full",
            f"There is not enough space on the disk for {path.name}.",
            hint="Free some space, or choose another disk.",
            retryable=True,
        )
    return LivescapeError(
        "output_not_writable",
        f"{path.name or path} cannot be written: {error.strerror or error}.",
        hint="Choose another folder.",
    )


def input_refusal(path: Path, error: OSError) -> LivescapeError:
    """Return the error that a file system's ``error`` means for reading ``path``."""
    return LivescapeError(
        "input_unreadable",
        f"{path.name} cannot be read: {error.strerror or error}.",
        hint="Check the path.",
    )


def is_file(path: Path) -> bool:
    """Return whether there is a file, as far as we may know.

    ``Path.is_file`` raises where a folder on the way may not be entered or a name is too long: what
    the artist or another program has named may be so.
    """
    return os.path.isfile(path)


def is_folder(path: Path) -> bool:
    """Return whether there is a folder, as :func:`is_file`."""
    return os.path.isdir(path)


def at_home(path: Path) -> Path:
    """Return a path that begins at the user's folder where it says ``~``.

    A folder of a user who is not there keeps its name.
    """
    with suppress(RuntimeError):
        return path.expanduser()
    return path


@contextmanager
def whole_file(
    path: Path, *, mode: int = 0o666, durable: bool = False, refusal: Refusal = output_refusal
) -> Iterator[Path]:
    """Yield a path to write to, which takes the place of ``path`` once the block has ended.

    The file at that path exists and is empty; its name ends as ``path`` does. If the block fails
    or is interrupted, it is removed and ``path`` is as it was. Folders that are missing are made.

    Args:
        path: The file that is wanted.
        mode: Permissions of the file, less the user's mask.
        durable: Whether the file must survive a power failure that follows at once; costs a
            flush of the disk.
        refusal: Makes the error to raise from the file system's.

    Raises:
        LivescapeError: What ``refusal`` returns; by default ``disk_full`` or
            ``output_not_writable``.
    """
    with _partial_file(path, mode, durable, refusal) as (partial, descriptor):
        os.close(descriptor)
        yield partial


@contextmanager
def whole_stream(
    path: Path, *, mode: int = 0o666, durable: bool = False, refusal: Refusal = output_refusal
) -> Iterator[BinaryIO]:
    """Yield a stream whose content is in ``path`` once the block has ended; see :func:`whole_file`.

    The stream can be read and moved in, as writers of archives do.
    """
    with (
        _partial_file(path, mode, durable, refusal) as (_, descriptor),
        os.fdopen(descriptor, "w+b") as stream,
    ):
        yield stream


@contextmanager
def _partial_file(
    path: Path, mode: int, durable: bool, refusal: Refusal
) -> Iterator[tuple[Path, int]]:
    """Yield a new file's path and descriptor, which the block closes; then move it to ``path``."""
    partial = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned_once(path.parent)
        new, flags = partial_path(path), os.O_RDWR | os.O_CREAT | os.O_EXCL
        descriptor = os.open(new, flags | getattr(os, "O_BINARY", 0), mode)
        partial = new
        yield partial, descriptor
        if durable:
            _flush(partial)
        os.replace(partial, path)
        partial = None
        if durable and os.name == "posix":
            with suppress(OSError):  # not every file system can do this for a folder
                _flush(path.parent)
    except OSError as error:
        raise refusal(path, error) from error
    finally:
        if partial is not None:
            with suppress(OSError):  # a read-only disk forbids even this
                partial.unlink(missing_ok=True)


def partial_path(path: Path) -> Path:
    """Return a name beside ``path`` that is new, cannot be guessed and names this process.

    Raises:
        OSError: If nothing is beside it: it is the root of a disk.
    """
    if not path.name:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    suffix = path.suffix if len(path.suffix) <= _LONGEST_SUFFIX else ""
    name = f".livescape-{machine_mark()}-{os.getpid()}-{secrets.token_hex(8)}.partial{suffix}"
    return path.with_name(name)


def remove_abandoned(folder: Path) -> None:
    """Remove the partial files and folders that processes which have ended left in ``folder``.

    Whether a process of another machine is alive is unknown; what it has begun is left alone
    for a day.
    """
    try:
        entries = list(os.scandir(folder))
    except OSError:  # then there is nothing that we could remove
        return
    for entry in entries:
        if (found := _PARTIAL.fullmatch(entry.name)) is None:
            continue
        with suppress(OSError):
            if not _abandoned(entry, machine=found[1], pid=int(found[2])):
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                os.unlink(entry.path)


def remove_partials(folder: Path) -> None:
    """Remove all partial files in ``folder``, whoever began them; nobody may be writing there."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if _PARTIAL.fullmatch(entry.name) is not None:
            with suppress(OSError):
                os.unlink(entry.path)


_remove_abandoned_once = lru_cache(maxsize=256)(remove_abandoned)
"""Once per process, so that a folder of ten thousand frames is not listed for each of them."""


def _abandoned(entry: os.DirEntry[str], *, machine: str, pid: int) -> bool:
    if machine == machine_mark():
        return not process_alive(pid)
    return time.time() - entry.stat(follow_symlinks=False).st_mtime > ABANDONED_S


def machine_mark() -> str:
    """Return what tells this machine from others that share its folders."""
    return f"{zlib.crc32(platform.node().encode()):08x}"


def flush_beside(path: Path) -> None:
    """Let a thread bring a file that was written to the disk, which a busy one takes long for.

    Until then a power failure, though no crash of this process, may bring back the file before.
    """
    threading.Thread(target=_flush_if_possible, args=(path,), daemon=True).start()


def _flush_if_possible(path: Path) -> None:
    with suppress(OSError):  # it was moved or removed meanwhile, or the disk is full
        _flush(path)
        if os.name == "posix":
            _flush(path.parent)


def _flush(path: Path) -> None:
    """Wait until the content of a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
