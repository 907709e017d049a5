"""Sends what a session waits for: replies first, then progress, then one chunk a turn."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from livescape.server.results import read_chunk
from livescape.server.session import Session, Stream
from livescape_shared.codec import encode
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Message, Refused


class SendResult(Enum):
    """What became of a message."""

    SENT = "sent"
    BLOCKED = "blocked"
    """The client does not read; try again later."""
    GONE = "gone"
    """There is no such client any more."""


Send = Callable[[list[bytes | memoryview]], SendResult]


def _say(send: Send, message: Message, parent: str = "") -> SendResult:
    return send(encode(message, parent=parent))


def flush(session: Session, send: Send) -> SendResult:
    """Send the replies and the newest progress, and one chunk of each stream.

    One chunk a turn keeps the loop quick: heartbeats and other clients come in between.

    Returns:
        ``SENT`` if nothing stood in the way, else the first result that did.
    """
    while session.replies:
        message, parent = session.replies[0]
        result = _say(send, message, parent)
        if result is not SendResult.SENT:
            return result
        session.replies.popleft()
    for job, progress in list(session.progress.items()):
        result = _say(send, progress)
        if result is not SendResult.SENT:
            return result
        del session.progress[job]
    for stream in list(session.streams.values()):
        if stream.hungry:
            result = _send_chunk(session, stream, send)
            if result is not SendResult.SENT:
                return result
    return SendResult.SENT


def _send_chunk(session: Session, stream: Stream, send: Send) -> SendResult:
    """Send the next chunk; a damaged one ends the stream with a refusal of its grant."""
    try:
        chunk = read_chunk(stream.job.folder, stream.next_seq, stream.job.chunks)
    except LivescapeError as error:
        stream.job.damaged = True
        del session.streams[stream.job.id]
        session.reply(Refused(error.to_dict()), stream.grant_id)
        return SendResult.SENT
    result = _say(send, chunk, stream.grant_id)
    if result is SendResult.SENT:
        stream.next_seq += 1
    return result
