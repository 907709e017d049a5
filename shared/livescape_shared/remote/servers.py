"""The servers on other machines that this user is paired with, and this user's own keys.

They are in the folder ``client`` of the state folder, so that Blender and the command line know
the same ones. Nothing there but the one key file is secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livescape_shared.errors import LivescapeError
from livescape_shared.remote.cards import Cards
from livescape_shared.remote.invitation import Place
from livescape_shared.remote.keys import KeyPair, MakeKeys, read_or_make_keys
from livescape_shared.values import text

CLIENT_FOLDER = "client"
KEY_FILE = "key.json"
SERVERS_FOLDER = "servers"
LONGEST_NAME = 60


@dataclass(frozen=True)
class PairedServer:
    """A server that knows us.

    Attributes:
        name: What the user calls it; every server has another.
        place: Where it is.
        key: Its public key.
    """

    name: str
    place: Place
    key: bytes

    def __str__(self) -> str:
        """Return name and address."""
        return f"{self.name} ({self.place})"


class Servers:
    """The servers of a state folder.

    Args:
        state_dir: From :func:`livescape_shared.connection.default_state_dir`.
    """

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / CLIENT_FOLDER
        self._cards = Cards(self._folder / SERVERS_FOLDER)

    def keys(self, make: MakeKeys) -> KeyPair:
        """Return this user's key pair, made if there is none.

        Raises:
            LivescapeError: ``keys_unusable``, ``disk_full`` or ``output_not_writable``.
        """
        return read_or_make_keys(self._folder / KEY_FILE, make)

    def all(self) -> list[PairedServer]:
        """Return the servers by name."""
        found = (_server(key, values) for key, values in self._cards.all())
        return sorted((each for each in found if each is not None), key=lambda each: each.name)

    def state(self) -> object:
        """Return what changes whenever a server is added, changed or removed."""
        return self._folder, self._cards.state()

    def get(self, key: bytes) -> PairedServer | None:
        """Return the server with this public key."""
        values = self._cards.get(key)
        return None if values is None else _server(key, values)

    def named(self, name: str) -> PairedServer:
        """Return the server that the user calls ``name``.

        Raises:
            LivescapeError: ``server_not_paired``.
        """
        known = self.all()
        for server in known:
            if server.name == name:
                return server
        names = ", ".join(server.name for server in known)
        raise LivescapeError(
            "server_not_paired",
            f"There is no paired server called {name[:80]!r}.",
            hint=f"Choose one of: {names}." if names else "Pair with a server first.",
        )

    def add(self, place: Place, key: bytes, name: str) -> PairedServer:
        """Keep a server, in place of what was known of it; its name is made unlike all others.

        Raises:
            LivescapeError: ``disk_full`` or ``output_not_writable``.
        """
        others = {server.name for server in self.all() if server.key != key}
        server = PairedServer(unlike(clean_name(name) or place.host, others), place, key)
        values = {"name": server.name, "host": place.host, "port": place.port}
        self._cards.put(key, values)
        return server

    def remove(self, server: PairedServer) -> None:
        """Forget a server; it goes on knowing us until its own user forgets us there.

        Raises:
            LivescapeError: ``output_not_writable``.
        """
        self._cards.remove(server.key)


def clean_name(name: str) -> str:
    """Return ``name`` as one short line without what cannot be printed."""
    printable = "".join(c for c in " ".join(name.split()) if c.isprintable())
    return printable[:LONGEST_NAME].strip()


def unlike(name: str, others: set[str]) -> str:
    """Return ``name``, with a number behind it if others have it already."""
    number, wanted = 1, name
    while wanted in others:
        number += 1
        wanted = f"{name} {number}"
    return wanted


def _server(key: bytes, values: Mapping[str, Any]) -> PairedServer | None:
    """Return the server that a record describes, None if it is damaged."""
    try:
        place = Place.parse(str(Place(text(values["host"]), int(values["port"]))))
        return PairedServer(clean_name(text(values["name"])), place, key)
    except (KeyError, TypeError, ValueError):
        return None
