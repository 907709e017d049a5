"""The one thing that a connection with the key of an invitation may do: leave a key of its own."""

from __future__ import annotations

import logging
import platform
from collections.abc import Sequence

from livescape.server.bounds import Limits
from livescape.server.greeting import stranger
from livescape.server.refusals import refused, too_large
from livescape.server.remote.guestbook import Guestbook
from livescape_shared.codec import decode, encode
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Pair, Paired, Refused
from livescape_shared.remote.keys import key_from_text
from livescape_shared.remote.servers import clean_name

LOGGER = logging.getLogger(__name__)

Frames = Sequence[bytes | memoryview]


class Pairing:
    """Answers those who come with an invitation.

    Args:
        guestbook: Whom to let in.
        limits: Bounds.
    """

    def __init__(self, guestbook: Guestbook, limits: Limits) -> None:
        self._guestbook = guestbook
        self._limits = limits

    def concerns(self, client: str) -> bool:
        """Return whether a connection's key, in hexadecimal digits, is that of an invitation."""
        try:
            return self._guestbook.invited(bytes.fromhex(client))
        except OSError:  # then it is a stranger, and comes again
            return False

    def answer(self, client: str, frames: Frames) -> list[bytes | memoryview]:
        """Return the answer to a message; nothing is raised."""
        try:
            size = sum(len(memoryview(frame)) for frame in frames)
            if size > self._limits.handshake_bytes:
                raise too_large(size, self._limits.handshake_bytes)
            envelope = decode(frames, here="the server", there="the client")
            if not isinstance(envelope.message, Pair):
                raise stranger().at(envelope.message.type)
            key = _key(envelope.message)
            self._guestbook.redeem(bytes.fromhex(client), key, envelope.message.client)
        except Exception as error:
            reason, parent = refused(error, frames, self._limits.frame_bytes)
            LOGGER.info("refused a message: %s", reason.code)
            return encode(Refused(reason.to_dict()), parent=parent)
        LOGGER.info("paired with %s", clean_name(envelope.message.client))
        return encode(Paired(platform.node()), parent=envelope.id)


def _key(pair: Pair) -> bytes:
    """Return the key that a client leaves.

    Raises:
        LivescapeError: ``message_malformed``.
    """
    try:
        return key_from_text(pair.key)
    except ValueError as error:
        message = f"A client cannot be paired: {error}."
        raise LivescapeError("message_malformed", message) from error
