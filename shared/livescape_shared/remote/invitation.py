"""The line by which a server introduces itself to a client that it does not know yet.

``livescape://ADDRESS:PORT/KEY/SECRET``: where the server is, its public key, and the secret half of
a key pair that lets the client in once, to leave its own public key. The file that a server writes
holds the same line.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path

from livescape_shared.errors import LivescapeError
from livescape_shared.files import input_refusal
from livescape_shared.remote.keys import key_from_text, key_text
from livescape_shared.unicode_text import unicode_text

SCHEME = "livescape://"
SUFFIX = ".livescape-server"
DEFAULT_PORT = 24784
MAX_LINE = 1024
_LINE = re.compile(r"livescape://(?P<place>[^/\s]+)/(?P<key>[\w-]+)/(?P<secret>[\w-]+)", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})")


@dataclass(frozen=True)
class Place:
    """An address and a port: ``gpu-box:24784``, ``[fe80::1]:24784``."""

    host: str
    port: int = DEFAULT_PORT

    def __str__(self) -> str:
        """Return it as one writes it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def endpoint(self) -> str:
        """ZeroMQ's address of it."""
        return f"tcp://{self}"

    @property
    def is_here(self) -> bool:
        """Whether it can only be this machine, or the near end of a tunnel."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @classmethod
    def parse(cls, value: str, *, port: int = DEFAULT_PORT) -> Place:
        """Return the place that ``value`` names, with ``port`` if it names none.

        Raises:
            ValueError: If it is none.
        """
        host, bracket, rest = value.rpartition("]")
        if bracket:
            host = host.removeprefix("[")
            ipaddress.IPv6Address(host.partition("%")[0])
        else:
            host, colon, rest = value.partition(":")
            rest = colon + rest
            if _HOST.fullmatch(host) is None:
                message = f"{value[:80]!r} is not an address"
                raise ValueError(message)
        if rest:
            digits = rest.removeprefix(":")
            if not rest.startswith(":") or not digits.isdecimal() or not 0 < int(digits) < 2**16:
                message = f"{value[:80]!r} has no port"
                raise ValueError(message)
            port = int(digits)
        return cls(host, port)


@dataclass(frozen=True)
class Invitation:
    """What the line says.

    Attributes:
        place: Where the server is, as seen by the client.
        server_key: The server's public key.
        secret: Secret key that lets a client in once, to introduce itself.
    """

    place: Place
    server_key: bytes
    secret: bytes = field(repr=False)

    def line(self) -> str:
        """Return the line."""
        return f"{SCHEME}{self.place}/{key_text(self.server_key)}/{key_text(self.secret)}"

    @classmethod
    def parse(cls, line: str) -> Invitation:
        """Return what a line says; white space around it does not matter.

        Raises:
            LivescapeError: ``pairing_line_invalid``.
        """
        found = _LINE.fullmatch(line.strip()) if len(line) <= MAX_LINE else None
        if found is None:
            raise _invalid("it is not of the form livescape://ADDRESS:PORT/KEY/SECRET")
        try:
            place = Place.parse(found["place"])
            return cls(place, key_from_text(found["key"]), key_from_text(found["secret"]))
        except ValueError as error:
            raise _invalid(str(error)) from error

    @classmethod
    def read(cls, path: Path) -> Invitation:
        """Return what a ``.livescape-server`` file says.

        Raises:
            LivescapeError: ``pairing_line_invalid`` or ``input_unreadable``.
        """
        try:
            with path.open("rb") as stream:
                content = stream.read(2 * MAX_LINE + 4)
        except OSError as error:
            raise input_refusal(path, error) from error
        return cls.parse(unicode_text(content, "replace"))


def _invalid(why: str) -> LivescapeError:
    return LivescapeError(
        "pairing_line_invalid",
        f"This is not the line by which a Livescape server introduces itself: {why}.",
        hint="Copy the whole line that `livescape pair` prints on the server's machine.",
    )
