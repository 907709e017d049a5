"""What a client is told about a message of its that could not be carried out."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from livescape_shared.codec import peek_id, peek_type
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import MESSAGES

LOGGER = logging.getLogger(__name__)

Frames = Sequence[bytes | memoryview]


def explained(error: Exception) -> LivescapeError:
    """Return the error to send to the sender of a message that raised ``error``."""
    if isinstance(error, LivescapeError):
        return error
    LOGGER.error("a message could not be carried out", exc_info=error)
    if isinstance(error, MemoryError):
        return LivescapeError(
            "out_of_memory",
            "The server does not have enough memory for this message.",
            hint="Use a smaller photo, or close other programs.",
            retryable=True,
        )
    return LivescapeError(
        "server_fault",
        f"The server could not carry out a message because of a fault ({type(error).__name__}).",
        hint="Please report it with the server's log.",
    )


def refused(error: Exception, frames: Frames, limit: int) -> tuple[LivescapeError, str]:
    """Return the error to send, at the message that it is about, and that message's id.

    Args:
        error: What the message raised.
        frames: The message, which may be anything.
        limit: Bytes of a first frame that is looked into.
    """
    readable = bool(frames) and len(memoryview(frames[0])) <= limit
    kind = peek_type(frames) if readable else ""
    malformed = isinstance(error, LivescapeError) and error.code.startswith("message_")
    stage = kind if kind in MESSAGES and not malformed else "message"
    return explained(error).at(stage), peek_id(frames) if readable else ""


def too_large(size: int, limit: int) -> LivescapeError:
    """Return the error for a message of ``size`` bytes."""
    return LivescapeError(
        "message_too_large",
        f"A message has {size} bytes; the server accepts {limit}.",
        hint="Use a smaller photo, or fewer frames.",
    )
