"""Who may talk to the server: a secret token in a file that only the user can read."""

from __future__ import annotations

import hmac
import os
import secrets
import sys
from pathlib import Path

from livescape_shared.connection import CONNECTION_FILE, ServerInfo, read_connection_file
from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file


def new_token() -> str:
    """Return a fresh secret of 256 bits."""
    return secrets.token_urlsafe(32)


def tokens_equal(given: str, expected: str) -> bool:
    """Compare in a time that does not tell how much of ``given`` is right."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode("ascii"))


def prepare_state_dir(state_dir: Path) -> None:
    """Create the folder for this user only; on Windows the user's profile protects it.

    Raises:
        LivescapeError: ``state_dir_unsafe`` if someone else owns it or it cannot be made.
    """
    hint = "Choose a folder of your own with --state-dir."
    try:
        state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if sys.platform != "win32":
            if state_dir.stat().st_uid != os.getuid():
                message = f"The folder {state_dir} belongs to another user."
                raise LivescapeError("state_dir_unsafe", message, hint=hint)
            state_dir.chmod(0o700)
    except OSError as error:
        message = f"The folder {state_dir} cannot be used: {error.strerror}."
        raise LivescapeError("state_dir_unsafe", message, hint=hint) from error


def publish(state_dir: Path, info: ServerInfo) -> None:
    """Write the connection file; a reader sees the old one or the whole new one.

    The caller holds the lock of the folder, so a file that is already there is a dead server's.
    """
    with whole_file(state_dir / CONNECTION_FILE, mode=0o600) as partial:
        partial.write_text(info.to_json(), encoding="utf-8")


def withdraw(state_dir: Path, info: ServerInfo) -> None:
    """Remove the connection file if it is still ours."""
    try:
        ours = read_connection_file(state_dir) == info
    except LivescapeError:  # someone has overwritten it; then it is theirs to remove
        return
    if ours:
        (state_dir / CONNECTION_FILE).unlink(missing_ok=True)
