"""What readers of files raise internally; each caller turns it into its own error code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from livescape_shared.errors import LivescapeError


class Unreadable(Exception):
    """Bytes that are not what they claim to be; the message says why, without a full stop."""


class Oversized(Unreadable):
    """A file that would need more memory than any use justifies; raised before decoding."""


@contextmanager
def decoding(reason: str) -> Iterator[None]:
    """Turn whatever a decoder raises within the block into :class:`Unreadable`.

    Decoders raise exceptions of every kind on damaged bytes: RuntimeError, IndexError,
    OverflowError, zlib.error, tokenize.TokenError, MemoryError for a size that is not real. None
    of them may end a worker.

    Args:
        reason: What to say, without a full stop.
    """
    try:
        yield
    except (Unreadable, LivescapeError):
        raise
    except Exception as error:
        raise Unreadable(reason) from error
