"""What the server's messages mean for the jobs that a client follows."""

from __future__ import annotations

import time

from livescape_shared.codec import Envelope
from livescape_shared.download import Download
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Ack, Chunk, Goodbye, Part, Preview, Progress, Received
from livescape_shared.messages import Finished as FinishedMessage
from livescape_shared.messages import Refused as RefusedMessage

from .events import (
    Acked,
    ChunkArrived,
    Event,
    Finished,
    PreviewArrived,
    Progressed,
    Refused,
    foreign_job,
    stopped,
)
from .server_link import Session
from .tracking import TrackedJob

LOST_RESULT = frozenset({"job_unknown", "result_corrupt", "result_not_ready"})
"""Refusals of a grant after which the job is submitted again: the server has lost the result."""

ABANDONED = "abandoned"
"""Id of messages about jobs that nobody follows any more; it does not matter if one is refused."""


class Ear:
    """Hears the server: moves the jobs on and says what happened.

    Args:
        session: The connection.
        jobs: The jobs that are followed, by id; one that has ended is taken out.
        encoding: How results are packed, see :class:`Client`.
    """

    def __init__(self, session: Session, jobs: dict[str, TrackedJob], encoding: str | None) -> None:
        self._session = session
        self._jobs = jobs
        self._encoding = encoding

    def heard(self, envelope: Envelope) -> Event | None:
        """Return what a message of the server means to who follows the jobs, if anything."""
        tracked = self._owner(getattr(envelope.message, "job", ""))
        if tracked is not None:
            tracked.heard = time.monotonic()
        match envelope.message:
            case Ack() as ack:
                return self._on_ack(ack, envelope.parent)
            case Progress() as progress if self._follows(progress.job):
                return Progressed(**vars(progress))
            case FinishedMessage() as finished:
                return self._on_finished(finished, envelope.parent)
            case Preview() as preview if tracked is not None:
                manner = self._session.manner(self._encoding)
                tracked.announce(preview.result, preview.chunks, preview.digest, manner)
            case Chunk() | Part() as part if part.job in self._jobs:
                return self._on_part(part)
            case Chunk() | Part() as part if tracked is not None:
                return self._on_preview_part(tracked, part)
            case Received() as received if tracked is not None:
                patience = self._session.part_patience_s
                tracked.received(received, time.monotonic() + patience)
            case Goodbye() as goodbye:
                return self._session.fail(stopped(goodbye.reason), time.monotonic())
            case RefusedMessage() as refused:
                return self._on_refused(refused, envelope.parent)
        return None  # a pong, or what a newer minor version says

    def _owner(self, name: str) -> TrackedJob | None:
        """Return the job of this id, or the one of which this is the name of a preview."""
        return self._jobs.get(name) or self._jobs.get(name.partition(".")[0])

    def _follows(self, job: str) -> bool:
        return job in self._jobs and self._jobs[job].download is None

    def _on_ack(self, ack: Ack, parent: str) -> Acked | Refused | None:
        if ack.job in self._jobs:
            self._jobs[ack.job].acknowledged()
            return Acked(ack.job, ack.state)
        for tracked in self._jobs.values():
            if parent == tracked.submit_id:
                del self._jobs[tracked.job]
                return Refused(foreign_job(), tracked.job)
        return None

    def _on_finished(self, message: FinishedMessage, parent: str) -> Finished | Refused | None:
        """Tell the end of a job; the end of an earlier run of it is not news."""
        tracked = self._jobs.get(message.job)
        if tracked is None or tracked.download is not None or parent != tracked.submit_id:
            return None
        if message.state == "done" and message.chunks > 0:
            told = tracked.begun is not None
            try:
                manner = self._session.manner(self._encoding)
                tracked.receive(message.chunks, message.digest, manner)
            except LivescapeError as changed:
                del self._jobs[message.job]
                return Refused(changed, message.job)
            if told:
                return None
        else:
            del self._jobs[message.job]
        error = LivescapeError.from_dict(message.error) if message.error else None
        return Finished(message.job, message.state, message.chunks, error, message.report)

    def _on_part(self, part: Chunk | Part) -> ChunkArrived | Refused | None:
        tracked = self._jobs.get(part.job)
        if tracked is None or tracked.download is None:
            return None
        try:
            chunk = _accepted(tracked.download, part)
        except LivescapeError as error:
            del self._jobs[part.job]
            return Refused(error, part.job)
        if chunk is None:
            return None
        if tracked.download.complete:
            del self._jobs[chunk.job]
            self._thank(tracked.download)
        return ChunkArrived(**vars(chunk))

    def _on_preview_part(self, tracked: TrackedJob, part: Chunk | Part) -> PreviewArrived | None:
        """Take a part of what is there early; one that makes no sense is not worth an error."""
        preview = tracked.preview
        if preview is None or preview.job != part.job:
            return None
        try:
            chunk = _accepted(preview, part)
        except LivescapeError:
            tracked.previewed()
            return None
        if chunk is None:
            return None
        if preview.complete:
            tracked.previewed()
            self._thank(preview)
        return PreviewArrived(tracked.job, ChunkArrived(**vars(chunk)))

    def _thank(self, download: Download) -> None:
        """Tell the server that all is here, so that it need not wait for us."""
        grant = download.next_grant()
        if grant is not None:
            self._session.send(grant, ABANDONED)

    def _on_refused(self, message: RefusedMessage, parent: str) -> Event | None:
        error = LivescapeError.from_dict(message.error)
        if parent == ABANDONED:  # a restarted server does not know the job; all the better
            return None
        if error.code == "auth_failed":  # it has forgotten us: say hello again
            return self._session.fail(error, time.monotonic())
        for tracked in self._jobs.values():
            if parent in tracked.outdated:
                return None
            if parent in tracked.preview_ids:  # it has made room for a newer one
                tracked.preview = None
                return None
            if parent in tracked.ids:
                if error.code in LOST_RESULT and tracked.submit_again():
                    return None
                del self._jobs[tracked.job]
                return Refused(error, tracked.job)
        return Refused(error)


def _accepted(download: Download, part: Chunk | Part) -> Chunk | None:
    """Return the chunk that has arrived with this, if it is the next one.

    Raises:
        LivescapeError: Why the server is not believed.
    """
    chunk = download.join(part) if isinstance(part, Part) else part
    return chunk if chunk is not None and download.accept(chunk) else None
