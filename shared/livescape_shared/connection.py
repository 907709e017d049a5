"""How a client on the same machine finds the server: one file in a folder of the user.

The file is written by the server (``backend/livescape/server/state_folder.py``) and read by the
add-on; only this module defines where it is and what it contains.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from livescape_shared.errors import LivescapeError
from livescape_shared.files import at_home
from livescape_shared.processes import process_alive
from livescape_shared.values import integer, mapping, text

SERVER_FOLDER = "server"
CONNECTION_FILE = "server.json"
STATE_DIR_VARIABLE = "LIVESCAPE_STATE_DIR"
MAX_CONNECTION_FILE_BYTES = 64 * 1024

ALREADY_RUNNING = 75
"""Exit code of a server whose folder another one has, which may not have published itself yet."""


@dataclass(frozen=True)
class ServerInfo:
    """What a client must know to connect to a running server.

    Attributes:
        endpoint: ZeroMQ address, ``tcp://127.0.0.1:port``.
        token: Secret that proves the client may use the server.
        pid: Process id of the server.
        version: Livescape version of the server.
        protocol: Protocol version of the server, major and minor.
        remote: ZeroMQ address at which it listens for paired clients of other machines; empty if
            it does not.
    """

    endpoint: str
    token: str
    pid: int
    version: str
    protocol: tuple[int, int]
    remote: str = ""

    def to_json(self) -> str:
        """Return the text of the connection file."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, source: str) -> ServerInfo:
        """Rebuild the record; unknown fields are ignored.

        Raises:
            LivescapeError: ``connection_file_invalid``.
        """
        try:
            values = mapping(json.loads(source))
            major, minor = (integer(part, 0) for part in values["protocol"])
            return cls(
                endpoint=_endpoint(text(values["endpoint"])),
                token=text(values["token"]),
                pid=integer(values["pid"], 1, 2**32),
                version=text(values["version"]),
                protocol=(major, minor),
                remote=text(values.get("remote", "")),
            )
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise LivescapeError(
                "connection_file_invalid",
                f"The file {CONNECTION_FILE} of the Livescape server cannot be read.",
                hint="Stop the server, delete the file and start the server again.",
            ) from error


def _endpoint(address: str) -> str:
    """Return ``address`` if it is one that ZeroMQ can connect to.

    Raises:
        ValueError: If it is not.
    """
    parts = urlsplit(address)
    if parts.scheme != "tcp" or not parts.hostname or not parts.port or parts.path:
        message = f"{address[:80]!r} is not an address"
        raise ValueError(message)
    return address


def default_state_dir() -> Path:
    """Return the per-user folder of the server, its cache and the models.

    ``LIVESCAPE_STATE_DIR`` if set, which may begin with ``~`` or be relative, else the platform's
    place for state, see ``docs/protocol.md``.
    """
    chosen = os.environ.get(STATE_DIR_VARIABLE)
    if chosen:
        return at_home(Path(chosen)).absolute()
    return platformdirs.user_state_path(state_name(sys.platform), appauthor=False)


def chosen_state_dir(given: Path | None) -> Path:
    """Return the state folder that an option names, absolute; by default the usual one."""
    return at_home(given or default_state_dir()).absolute()


def state_name(platform: str) -> str:
    """Return the name of our folder: capital where the platform's own folders are."""
    return "Livescape" if platform in ("win32", "darwin") else "livescape"


def server_folder(state_dir: Path) -> Path:
    """Return the folder in ``state_dir`` that is the server's alone."""
    return state_dir / SERVER_FOLDER


def connection_file(state_dir: Path) -> Path:
    """Return the path of the connection file in ``state_dir``."""
    return server_folder(state_dir) / CONNECTION_FILE


def read_connection_file(state_dir: Path) -> ServerInfo | None:
    """Return the record of the server that last ran with ``state_dir``, or None if there is none.

    The server may be dead; :func:`running_server` asks.

    Raises:
        LivescapeError: ``connection_file_invalid``.
    """
    try:
        with connection_file(state_dir).open("rb") as stream:
            data = stream.read(MAX_CONNECTION_FILE_BYTES)
    except OSError:
        return None
    return ServerInfo.from_json(data.decode("utf-8", errors="replace"))


def published_server(state_dir: Path) -> ServerInfo | None:
    """Return as :func:`read_connection_file`; a file that is damaged or not ours counts as none.

    The server whose file it was writes it again, and so does the next one.
    """
    try:
        return read_connection_file(state_dir)
    except LivescapeError:
        return None


def running_server(state_dir: Path, *, start: str = "livescape serve") -> ServerInfo:
    """Return the record of the server that runs with ``state_dir``.

    Args:
        state_dir: Its state folder.
        start: The command that starts one, for the hint.

    Raises:
        LivescapeError: ``server_unreachable``.
    """
    info = published_server(state_dir)
    if info is None or not process_alive(info.pid):
        raise LivescapeError(
            "server_unreachable",
            f"No Livescape server runs with the folder {state_dir}.",
            hint=f"Start it with: {start}",
            retryable=True,
        )
    return info
