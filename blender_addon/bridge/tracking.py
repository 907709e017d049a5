"""What the client remembers of each job, so that it can take it up again."""

from __future__ import annotations

from livescape_shared.download import Download, Manner
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Cancel, Grant, Message, Part, Received, Submit, Watch
from livescape_shared.request import PREVIEWS, GenerateRequest
from livescape_shared.upload import Upload

LOSSES = 3
"""How often a server may lose a result that it has announced."""


def submit_bytes(submit: Submit) -> int:
    """Return the bytes of all that a request carries."""
    return sum(array.nbytes for array in submit.arrays.values())


class TrackedJob:
    """A job that the client follows until its last chunk.

    Args:
        job: Job id.
        request: Kept to be sent again after a reconnection; the server then attaches us.
        previews: Whether to ask for scenes that are there before the job has ended.

    Attributes:
        submit_id: Id of the submit on this connection, or of the last question how the job stands;
            empty until it is sent.
        known_to_server: Whether it was ever submitted.
        cancel_wanted: Whether the user wants the job to stop.
        ids: What was said about this job on this connection, to recognise refusals.
        outdated: Those of a result that the server has lost; it may refuse each of them.
        upload: The request on its way, if it goes up in parts, until it is acknowledged.
        deadline: When an acknowledgement must have come; None if none is awaited.
        download: The result, once there is one.
        begun: A result of which the server has lost the rest, so that the job was submitted again.
        preview: A scene that is there before the job has ended, as far as it has arrived.
        preview_ids: What was said about previews on this connection; it may be refused.
        heard: Monotonic time of the last news about the job, or of the last question about it.
    """

    def __init__(self, job: str, request: GenerateRequest, *, previews: bool = False) -> None:
        self.job = job
        self.request = request
        self.preview: Download | None = None
        self.preview_ids: set[str] = set()
        self._previews = previews
        self._previewed: set[str] = set()
        self.submit_id = ""
        self.known_to_server = False
        self.cancel_wanted = False
        self.cancel_sent = False
        self.ids: set[str] = set()
        self.outdated: set[str] = set()
        self.upload: Upload | None = None
        self.deadline: float | None = None
        self.download: Download | None = None
        self.begun: Download | None = None
        self.heard = 0.0
        self._unsure = False
        self._losses = 0

    def restart(self) -> None:
        """Prepare for a new connection: say again what may not have been heard."""
        self.deadline = None
        self.ids.clear()
        self.submit_id = ""
        self.cancel_sent = False
        self._unsure = False
        self.preview = None  # it is announced again
        self.preview_ids.clear()
        if self.upload is not None:
            self.upload.restart()
        if self.download is not None:
            self.download.restart()

    @property
    def uploading(self) -> bool:
        """Whether the request is on its way in parts, so that the server does not know the job."""
        return self.upload is not None and bool(self.submit_id)

    def acknowledged(self) -> None:
        """Note that the server knows the job."""
        self.deadline = self.upload = None

    def received(self, received: Received, deadline: float) -> None:
        """Note how much of the request the server has; it has until ``deadline`` for more."""
        if self.upload is not None:
            self.upload.received(received)
            self.deadline = deadline

    def announce(self, name: str, chunks: int, digest: str, manner: Manner) -> None:
        """Begin a scene that is there already, unless it is one that has arrived or is arriving."""
        known = self._previewed | ({self.preview.digest} if self.preview is not None else set())
        if self._previews and self.download is None and chunks > 0 and digest not in known:
            self.preview = Download(name, chunks, digest, manner)

    def previewed(self) -> None:
        """Note that a preview is whole."""
        if self.preview is not None:
            self._previewed.add(self.preview.digest)
            self.preview = None

    def ask_again(self, now: float) -> None:
        """Prepare to ask how it stands, because there was no news for long."""
        self.heard = now
        if self.download is not None:
            self.download.restart()
        elif self.submit_id and self.deadline is None:
            self._unsure = True

    def submit_again(self) -> bool:
        """Prepare to submit a job that the server has lost, or its result; return whether to."""
        self._losses += 1
        if self._losses > LOSSES:
            return False
        if self.download is not None:
            self.begun, self.download = self.download, None
        self.outdated |= self.ids
        self.restart()
        return True

    def receive(self, total: int, digest: str, manner: Manner) -> None:
        """Begin the result, or go on with the one that was begun if it is the same to the bit.

        Raises:
            LivescapeError: ``result_changed``.
        """
        self.preview = None  # the server has removed it
        begun, self.begun = self.begun, None
        if begun is None or begun.next_seq == 0:
            self.download = Download(self.job, total, digest, manner)
        elif (begun.total, begun.digest) == (total, digest):
            begun.restart()
            self.download = begun
        else:
            raise LivescapeError(
                "result_changed",
                "The server lost the scene while it was being sent and has made another one.",
                hint="Generate the scene again; it is there already.",
                retryable=True,
            )

    def outgoing(self, part_bytes: int = 0) -> Message | None:
        """Return what to say next about this job, None if nothing.

        Args:
            part_bytes: Size of the parts of a large request; 0 if all of it is sent at once.
        """
        if self.download is not None:
            return self.download.next_grant()
        if not self.submit_id and (part_bytes == 0 or self.upload is None):
            submit = self._submit()
            if part_bytes == 0 or submit_bytes(submit) <= part_bytes:
                self.upload = None
                return submit
            self.upload = Upload(self.job, submit, part_bytes)
        if self.upload is not None:
            return self.upload.next_part()
        if self.cancel_wanted and not self.cancel_sent:
            return Cancel(self.job)
        if self.preview is not None and (grant := self.preview.next_grant()) is not None:
            return grant
        return Watch(self.job) if self._unsure else None

    def _submit(self) -> Submit:
        asked = {PREVIEWS: True} if self._previews else {}
        return Submit({**self.request.body(), **asked}, self.request.arrays())

    def sent(self, message: Message, message_id: str, ack_deadline: float) -> None:
        """Note that ``message`` is on its way."""
        if isinstance(message, Grant) and message.job != self.job:
            self.preview_ids.add(message_id)
            if self.preview is not None:
                self.preview.told()
            return
        self.ids.add(message_id)
        if isinstance(message, Grant):
            if self.download is not None:
                self.download.told()
            return
        self.deadline = ack_deadline
        if isinstance(message, Part) and self.upload is not None:
            self.upload.sent(message)
        if isinstance(message, Submit | Watch | Part):
            self.submit_id, self.known_to_server = message_id, True
            self._unsure = False
        else:
            self.cancel_sent = True
