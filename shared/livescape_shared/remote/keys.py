"""Keys of CurveZMQ: 32 bytes each, as text where people or files carry them.

A key pair is made by whoever imports ZeroMQ and kept here: one for each server and one for each
user of servers on other machines. The secret half never leaves the machine that made it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from livescape_shared.errors import LivescapeError
from livescape_shared.files import Refusal, output_refusal, whole_file
from livescape_shared.values import mapping, text

KEY_BYTES = 32
MAX_FILE_BYTES = 4096
_TEXT = re.compile(r"[\w-]{43}", re.ASCII)
_Z85 = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
_B85 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
_FROM_Z85, _TO_Z85 = bytes.maketrans(_Z85, _B85), bytes.maketrans(_B85, _Z85)

MakeKeys = Callable[[], tuple[bytes, bytes]]
"""``zmq.curve_keypair``: a new public and secret key, in ZeroMQ's own alphabet."""


@dataclass(frozen=True)
class KeyPair:
    """A public key and its secret, 32 bytes each."""

    public: bytes
    secret: bytes = field(repr=False)

    @classmethod
    def new(cls, make: MakeKeys) -> KeyPair:
        """Return a fresh pair."""
        public, secret = make()
        return cls(_raw(public), _raw(secret))

    @classmethod
    def of_secret(cls, secret: bytes, public_of: Callable[[bytes], bytes]) -> KeyPair:
        """Return the pair that ``secret`` belongs to.

        Args:
            secret: 32 bytes.
            public_of: ``zmq.curve_public``.
        """
        return cls(_raw(public_of(base64.b85encode(secret).translate(_TO_Z85))), secret)


def _raw(key: bytes) -> bytes:
    """Return the 32 bytes of a key in ZeroMQ's own alphabet."""
    return base64.b85decode(key.translate(_FROM_Z85))


def key_text(key: bytes) -> str:
    """Return a key as 43 letters, digits, ``-`` and ``_``."""
    return base64.urlsafe_b64encode(key).decode("ascii").rstrip("=")


def key_from_text(value: str) -> bytes:
    """Return the key that :func:`key_text` has written.

    Raises:
        ValueError: If it is none.
    """
    if _TEXT.fullmatch(value) is None:
        message = "one of its keys is not whole"  # without the key, which may be a secret
        raise ValueError(message)
    return base64.urlsafe_b64decode(value + "=")


def fingerprint(key: bytes) -> str:
    """Return a short name of a public key for people to compare, like ``1f0c-93ab-77de-0142``."""
    digits = hashlib.sha256(key).hexdigest()[:16]
    return "-".join(digits[at : at + 4] for at in range(0, 16, 4))


def read_or_make_keys(path: Path, make: MakeKeys, *, refusal: Refusal = output_refusal) -> KeyPair:
    """Return the key pair in ``path``, made for this user alone if the file is missing.

    Raises:
        LivescapeError: ``keys_unusable`` if the file is damaged or not this user's alone; else
            what ``refusal`` returns.
    """
    if not os.path.lexists(path):
        _make_private(path.parent, refusal)
        keys = KeyPair.new(make)
        content = {"public": key_text(keys.public), "secret": key_text(keys.secret)}
        with whole_file(path, mode=0o600, durable=True, refusal=refusal) as partial:
            partial.write_text(json.dumps(content), encoding="utf-8")
        return keys
    try:
        values = mapping(json.loads(_read_own(path)))
        return KeyPair(*(key_from_text(text(values[half])) for half in ("public", "secret")))
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error
    except (KeyError, ValueError, RecursionError) as error:
        raise _unusable(path, "it is damaged") from error


def _make_private(folder: Path, refusal: Refusal) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise refusal(folder, error) from error


def _read_own(path: Path) -> str:
    """Return the content of a file that nobody else can read or replace by a link.

    On Windows the user's profile protects it.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(descriptor, encoding="utf-8", errors="replace") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _unusable(path, "it is not a file")
        if sys.platform != "win32" and (status.st_uid != os.getuid() or status.st_mode & 0o077):
            raise _unusable(path, "others can read it, or it belongs to someone else")
        return stream.read(MAX_FILE_BYTES)


def _unusable(path: Path, why: str) -> LivescapeError:
    return LivescapeError(
        "keys_unusable",
        f"The keys in {path} are not used: {why}.",
        hint="Delete the file and pair again: new keys are made.",
    )
