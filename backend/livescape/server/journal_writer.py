"""Writes the journal in a thread of its own: a busy disk may take a second to keep a line for good.

What is written is written in the order in which it was asked for.
"""

from __future__ import annotations

from concurrent.futures import Future

from livescape.server.journal import Entry, Journal
from livescape.server.threads import own_thread


class JournalWriter:
    """The journal, for those who must not wait for it.

    Args:
        journal: Used by nobody else from now on.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._thread = own_thread("journal")

    def save(self, entry: Entry, *, durable: bool) -> Future[None]:
        """Do what :meth:`Journal.save` does, soon; the future has its error."""
        return self._thread.submit(self._journal.save, entry, durable=durable)

    def forget(self, run: str) -> Future[None]:
        """Do what :meth:`Journal.forget` does, soon; the future has its error."""
        return self._thread.submit(self._journal.forget, run)

    def close(self) -> None:
        """Close the journal, once everything is written."""
        self._thread.shutdown()
        self._journal.close()
