"""The clients on other machines that may enter, and the pairings by which new ones come in.

Both are folders of small files in the server's own folder. ``livescape pair`` and ``unpair`` write
there too, so that neither needs the server to run, and the server looks whenever someone knocks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livescape_shared.errors import LivescapeError
from livescape_shared.files import Refusal, output_refusal
from livescape_shared.remote.cards import Cards
from livescape_shared.remote.keys import KEY_BYTES, key_text
from livescape_shared.remote.servers import clean_name

CLIENTS_FOLDER = "clients"
PAIRINGS_FOLDER = "pairings"
KEPT_S = 24 * 3600.0
"""Time for which a pairing that has expired is remembered, so that who comes late is told why."""


@dataclass(frozen=True)
class Guest:
    """A client that may enter.

    Attributes:
        key: Its public key.
        name: What it calls itself.
        since: Unix time at which it was paired.
    """

    key: bytes
    name: str
    since: float


class Guestbook:
    """Who may enter from another machine.

    Args:
        folder: The server's own folder.
        refusal: Makes the error to raise if something cannot be written.
        clock: Unix time in seconds.
    """

    def __init__(
        self,
        folder: Path,
        *,
        refusal: Refusal = output_refusal,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clients = Cards(folder / CLIENTS_FOLDER, refusal=refusal)
        self._pairings = Cards(folder / PAIRINGS_FOLDER, refusal=refusal)
        self._clock = clock

    def guests(self) -> list[Guest]:
        """Return all clients that may enter, by name."""
        found = [Guest(key, *_details(values)) for key, values in self._clients.all()]
        return sorted(found, key=lambda guest: (guest.name, guest.key))

    def knows(self, key: bytes) -> bool:
        """Return whether a client may enter.

        Raises:
            OSError: If that cannot be looked up now.
        """
        return self._clients.get(key, strict=True) is not None

    def keeps(self, key: bytes) -> bool:
        """Return whether a client that has entered may stay; needs no descriptor to look."""
        return key in self._clients

    def remove(self, guest: Guest) -> None:
        """Let a client in no longer, nor by the invitation by which it came.

        Raises:
            LivescapeError: What ``refusal`` returns.
        """
        for key, values in self._pairings.all():
            if values.get("used_by") == key_text(guest.key):
                self._pairings.remove(key)
        self._clients.remove(guest.key)

    def invite(self, key: bytes, lifetime_s: float) -> None:
        """Open a pairing, for one client and so long; forget those that are long over.

        Args:
            key: Public key whose secret half is in the invitation.
            lifetime_s: Time in which the client must come.

        Raises:
            LivescapeError: What ``refusal`` returns.
        """
        now = self._clock()
        for known, values in self._pairings.all():
            if now > _until(values) + KEPT_S:
                self._pairings.remove(known)
        self._pairings.put(key, {"until": now + lifetime_s, "used_by": ""})

    def invited(self, key: bytes) -> bool:
        """Return whether there is or was a pairing with this key.

        Raises:
            OSError: If that cannot be looked up now.
        """
        return self._pairings.get(key, strict=True) is not None

    def redeem(self, key: bytes, client: bytes, name: str) -> None:
        """Let ``client`` in from now on, on the strength of the pairing with ``key``.

        The same client may repeat itself in time: the first answer may have been lost.

        Raises:
            LivescapeError: ``pairing_unknown``, ``pairing_used``, ``pairing_expired``, or what
                ``refusal`` returns.
        """
        values = self._pairings.get(key)
        if values is None or len(client) != KEY_BYTES:
            raise _refused("pairing_unknown", "does not belong to this server")
        if values.get("used_by") not in ("", key_text(client)):
            raise _refused("pairing_used", "was used already, by another computer")
        if self._clock() > _until(values):
            raise _refused("pairing_expired", "has expired")
        self._pairings.put(key, {**values, "used_by": key_text(client)})
        self._clients.put(client, {"name": clean_name(name), "since": self._clock()})


def _refused(code: str, why: str) -> LivescapeError:
    return LivescapeError(
        code,
        f"This line {why}.",
        hint="Make a new one on the server's machine with: livescape pair",
    )


def _until(values: Mapping[str, Any]) -> float:
    until = values.get("until")
    return float(until) if isinstance(until, int | float) else 0.0


def _details(values: Mapping[str, Any]) -> tuple[str, float]:
    since = values.get("since")
    return clean_name(str(values.get("name", ""))), float(
        since if isinstance(since, int | float) else 0.0
    )
