"""The server's limits, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from livescape_shared.parts import PART_BYTES


@dataclass(frozen=True)
class Limits:
    """Limits of memory, disk and time.

    Attributes:
        frame_bytes: Largest single frame the socket accepts, so the most it ever reserves for a
            stranger; larger arrays come in several.
        request_bytes: Largest request, all frames together.
        part_bytes: Size of the parts in which large messages travel, for clients that ask for it.
        handshake_bytes: Largest message from a peer that has not sent hello.
        strangers: Connections at a time that have not been welcomed; the oldest are closed.
        greeting_s: Time in which a connection must have been welcomed.
        sessions: Clients connected at a time.
        queued_jobs: Jobs that wait or run at a time.
        results_bytes: Disk space of results that nobody is reading; the least recently used go.
        kept_records: Jobs that have failed or were cancelled and are still listed.
        unsent_bytes: Bytes of chunks that wait in the socket for one client that does not read,
            beyond which no other chunk is begun for it.
        outbox: Replies held for a client that does not read, before it is dropped.
        free_disk_bytes: Disk space that a result never takes.
        progress_interval_s: Shortest time between two progress messages of a job.
        cancel_grace_s: Time a worker has to stop at its next step before it is killed.
        stall_s: Time without progress after which a worker counts as hung.
        session_idle_s: Time after which a silent client is forgotten.
        absence_s: Time for which a client that is gone still counts as waiting for its jobs.
    """

    frame_bytes: int = 256 * 2**10
    request_bytes: int = 512 * 2**20
    part_bytes: int = PART_BYTES
    handshake_bytes: int = 4096
    strangers: int = 128
    greeting_s: float = 10.0
    sessions: int = 32
    queued_jobs: int = 32
    results_bytes: int = 20 * 2**30
    kept_records: int = 200
    unsent_bytes: int = 64 * 2**20
    outbox: int = 256
    free_disk_bytes: int = 256 * 2**20
    progress_interval_s: float = 0.1
    cancel_grace_s: float = 10.0
    stall_s: float = 900.0
    session_idle_s: float = 3600.0
    absence_s: float = 900.0

    def public(self) -> dict[str, int]:
        """Return the limits that a client should know."""
        return {
            "frame_bytes": self.frame_bytes,
            "request_bytes": self.request_bytes,
            "part_bytes": self.part_bytes,
            "queued_jobs": self.queued_jobs,
        }
