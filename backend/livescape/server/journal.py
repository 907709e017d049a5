"""What the server must not forget when it ends: its jobs, in an SQLite database beside the results.

Every change is one transaction in a write-ahead log, so that an end at any moment leaves the
state before or after it. The one server of the folder has the database for itself.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livescape.server.framefile import disk_full
from livescape_shared.errors import LivescapeError

LOGGER = logging.getLogger(__name__)

JOURNAL = "jobs.sqlite"
LAYOUT = 1
"""Version of the tables; a journal of another one is set aside."""

_SUFFIXES = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Entry:
    """What is remembered of one run of a job.

    Attributes:
        run: Its name, which is that of its folder.
        state: Its state.
        record: The rest, as plain values.
    """

    run: str
    state: str
    record: Mapping[str, Any]


class Journal:
    """The journal of one server's folder; one thread at a time may use it.

    A journal that cannot be read is renamed, which the log says, and a new one is begun.

    Args:
        folder: The server's folder, whose lock the caller holds.

    Attributes:
        damaged: Whether not all could be read that was remembered.

    Raises:
        LivescapeError: ``disk_full`` or ``journal_not_writable``.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / JOURNAL
        self.damaged = False
        try:
            self._database = self._open()
        except (sqlite3.DatabaseError, ValueError) as error:
            if _disk_trouble(error):
                raise self._refusal(error) from error
            self._set_aside(error)
            try:
                self._database = self._open()
            except sqlite3.Error as again:
                raise self._refusal(again) from again

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        try:
            # Exclusive locking keeps the log's index in memory: no file shared with others.
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("PRAGMA journal_mode = WAL")
            (layout,) = database.execute("PRAGMA user_version").fetchone()
            if layout not in (0, LAYOUT):
                message = f"its layout is {layout}, and this version writes {LAYOUT}"
                raise ValueError(message)
            (sound,) = database.execute("PRAGMA quick_check(1)").fetchone()
            if sound != "ok":
                raise sqlite3.DatabaseError(sound)
            database.execute(
                "CREATE TABLE IF NOT EXISTS runs"
                " (run TEXT PRIMARY KEY, state TEXT NOT NULL, record TEXT NOT NULL)"
            )
            database.execute(f"PRAGMA user_version = {LAYOUT}")
            database.execute("SELECT run, state, record FROM runs LIMIT 1").fetchall()
        except BaseException:
            database.close()
            raise
        return database

    def _set_aside(self, error: Exception) -> None:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        aside = self._path.with_name(f"{JOURNAL}.damaged-{stamp}")
        LOGGER.error(
            "the journal of jobs cannot be read (%s); it is set aside as %s, and the jobs are "
            "taken from their folders",
            error,
            aside.name,
        )
        try:
            for suffix in _SUFFIXES:
                part = self._path.with_name(JOURNAL + suffix)
                if part.exists():
                    part.rename(aside.with_name(aside.name + suffix))
        except OSError as failure:
            raise self._refusal(failure) from failure
        self.damaged = True

    def entries(self) -> list[Entry]:
        """Return what is remembered; an entry that makes no sense is left out and logged."""
        with closing(self._database.execute("SELECT run, state, record FROM runs")) as rows:
            found = rows.fetchall()
        entries = []
        for run, state, record in found:
            try:
                entries.append(Entry(str(run), str(state), dict(json.loads(record))))
            except (TypeError, ValueError, RecursionError):
                LOGGER.error("the journal's entry of run %.80r cannot be read", run)
                self.damaged = True
        return entries

    def save(self, entry: Entry, *, durable: bool) -> None:
        """Remember ``entry`` in place of an earlier one of the same run.

        Args:
            entry: What to remember.
            durable: Whether it must survive a power failure that follows at once, too.

        Raises:
            LivescapeError: ``disk_full`` or ``journal_not_writable``; the earlier entry stays.
        """
        values = (entry.run, entry.state, json.dumps(dict(entry.record)))
        self._write("INSERT OR REPLACE INTO runs VALUES (?, ?, ?)", values, durable=durable)

    def forget(self, run: str) -> None:
        """Remove the entry of ``run``.

        Raises:
            LivescapeError: ``disk_full`` or ``journal_not_writable``; the entry stays.
        """
        self._write("DELETE FROM runs WHERE run = ?", (run,), durable=False)

    def _write(self, statement: str, values: tuple[str, ...], *, durable: bool) -> None:
        try:
            self._database.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._database.execute(statement, values)
        except sqlite3.Error as error:
            raise self._refusal(error) from error

    def close(self) -> None:
        """Close the database, which folds its log into it."""
        self._database.close()

    def _refusal(self, error: Exception) -> LivescapeError:
        if _disk_trouble(error) == sqlite3.SQLITE_FULL:
            return disk_full(self._path.parent)
        return LivescapeError(
            "journal_not_writable",
            f"The server cannot write its journal {self._path}: {error}.",
            hint="Choose another folder with --state-dir.",
        )


def _disk_trouble(error: Exception) -> int:
    """Return SQLite's code if ``error`` is the disk's or the folder's fault, else 0."""
    code = (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
    troubles = (
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_PERM,
    )
    return code if code in troubles else 0
