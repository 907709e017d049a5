"""The server's own folder: secured, locked by one server, with the file by which clients find it.

It is a sub-folder of the state folder that the user names, so that naming a folder that holds
other things does them no harm. A file in it marks it as ours; one without it is left alone.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

import zmq

from livescape.server.framefile import disk_full
from livescape_shared.connection import (
    ServerInfo,
    connection_file,
    published_server,
    read_connection_file,
    server_folder,
)
from livescape_shared.errors import LivescapeError
from livescape_shared.files import NO_SPACE, whole_file
from livescape_shared.remote.keys import KeyPair, read_or_make_keys

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

MARKER = "livescape-server-folder"
MARKER_TEXT = "This folder belongs to the Livescape server, which removes what it does not know.\n"
LOCK_FILE = "server.lock"
RESULTS = "results"
KEY_FILE = "key.json"

LOOK_S = 1.0
"""How often a server looks after its connection file."""

_HINT = "Choose another folder with --state-dir."
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_HELD = (errno.EACCES, errno.EAGAIN, getattr(errno, "EDEADLOCK", errno.EAGAIN))


def _unsafe(path: Path, what: str) -> LivescapeError:
    return LivescapeError(
        "state_dir_unsafe", f"The server does not use {path}: {what}.", hint=_HINT
    )


def folder_refusal(path: Path, error: OSError) -> LivescapeError:
    """Return the error that a file system's ``error`` means in the server's folder."""
    if error.errno in NO_SPACE:
        return disk_full(path)
    message = f"The server cannot use {path}: {error.strerror or error}."
    return LivescapeError("state_dir_unusable", message, hint=_HINT)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn errors of the file system into errors about ``path``."""
    try:
        yield
    except OSError as error:
        raise folder_refusal(Path(error.filename or path), error) from error


def claim_folder(state_dir: Path) -> Path:
    """Return the server's folder in ``state_dir``, made for this user alone if missing.

    Raises:
        LivescapeError: ``state_dir_unsafe`` if it is a link, not a folder, someone else's, or
            holds files and lacks our mark; ``state_dir_unusable`` or ``disk_full``.
    """
    folder = server_folder(state_dir)
    with _explained(folder):
        state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        _check_own(folder)
        if not os.path.lexists(folder / MARKER):
            if any(folder.iterdir()):
                raise _unsafe(folder, "it holds files and was not made by Livescape")
            with whole_file(folder / MARKER, refusal=folder_refusal) as partial:
                partial.write_text(MARKER_TEXT, encoding="utf-8")
    return folder


def own_folder(state_dir: Path) -> Path:
    """Return the server's folder in ``state_dir``, which may be missing, for a command to look in.

    Raises:
        LivescapeError: ``state_dir_unsafe`` if it is not this user's own.
    """
    folder = server_folder(state_dir)
    with _explained(folder):
        if os.path.lexists(folder):
            _check_own(folder)
    return folder


def _check_own(folder: Path) -> None:
    """Refuse anything but a folder of this user, and close it to all others.

    On Windows the user's profile protects it.
    """
    status = folder.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise _unsafe(folder, "it is a link")
    if not stat.S_ISDIR(status.st_mode):
        raise _unsafe(folder, "it is not a folder")
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(descriptor).st_uid != os.getuid():
            raise _unsafe(folder, "it belongs to another user")
        os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)


def results_folder(folder: Path) -> Path:
    """Return the folder for results in the server's ``folder``, made if missing.

    Raises:
        LivescapeError: ``state_dir_unsafe``, ``state_dir_unusable`` or ``disk_full``.
    """
    results = folder / RESULTS
    with _explained(results):
        with suppress(FileExistsError):
            results.mkdir(mode=0o700)
        _check_own(results)
    return results


def server_keys(folder: Path) -> KeyPair:
    """Return the key pair of the server of ``folder``, made if there is none.

    Raises:
        LivescapeError: ``keys_unusable``, ``state_dir_unusable`` or ``disk_full``.
    """
    return read_or_make_keys(folder / KEY_FILE, zmq.curve_keypair, refusal=folder_refusal)


def make_cache_dir(cache_dir: Path) -> None:
    """Make the folder of the pipeline's cache, which may be anywhere.

    Raises:
        LivescapeError: ``cache_not_writable`` or ``disk_full``.
    """
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in NO_SPACE:
            raise folder_refusal(cache_dir, error) from error
        raise LivescapeError(
            "cache_not_writable",
            f"The folder {cache_dir} cannot be made: {error.strerror}.",
            hint="Choose another folder with --cache-dir.",
        ) from error


class ServerLock:
    """A lock that the one server of a folder holds while it lives, and that the system releases.

    A process id in a file can be stale or reused by another process; a held lock cannot.

    Args:
        folder: From :func:`claim_folder`.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_FILE
        self._descriptor = -1

    def __enter__(self) -> ServerLock:
        """Take the lock.

        Raises:
            LivescapeError: ``server_already_running``, ``state_dir_unusable`` or ``disk_full``.
        """
        with _explained(self._path):
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | _NO_FOLLOW, 0o600)
            if self._try_lock():
                return self
        os.close(self._descriptor)
        raise LivescapeError(
            "server_already_running",
            f"A Livescape server is already running with the folder {self._path.parent}.",
            hint="Use that server, or choose another folder with --state-dir.",
        )

    def _try_lock(self) -> bool:
        try:
            if sys.platform == "win32":
                msvcrt.locking(self._descriptor, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD:
                return False
            os.close(self._descriptor)
            raise
        return True

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Release it; the file stays, because removing it would race with the next holder."""
        os.close(self._descriptor)
        self._descriptor = -1


def publish(state_dir: Path, info: ServerInfo) -> None:
    """Write the connection file; a reader sees the old one or the whole new one.

    The caller holds the lock of the folder, so a file that is already there is a dead server's.

    Raises:
        LivescapeError: ``state_dir_unusable`` or ``disk_full``.
    """
    with whole_file(connection_file(state_dir), mode=0o600, refusal=folder_refusal) as partial:
        partial.write_text(info.to_json(), encoding="utf-8")


class Published:
    """The connection file of a server that runs, written again if it is gone or damaged.

    Args:
        state_dir: As of :func:`publish`.
        info: What it must say.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self, state_dir: Path, info: ServerInfo, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._state_dir, self._info, self._clock = state_dir, info, clock
        self._next = clock() + LOOK_S

    def look(self) -> None:
        """Look after the file now and then; what cannot be written is tried again later."""
        if self._clock() < self._next:
            return
        self._next = self._clock() + LOOK_S
        if published_server(self._state_dir) is None:
            with suppress(LivescapeError):
                publish(self._state_dir, self._info)


def withdraw(state_dir: Path, info: ServerInfo) -> None:
    """Remove the connection file if it is still ours."""
    try:
        ours = read_connection_file(state_dir) == info
    except LivescapeError:  # someone has overwritten it, so it is no longer ours to remove
        return
    if ours:
        with suppress(OSError):
            connection_file(state_dir).unlink(missing_ok=True)
