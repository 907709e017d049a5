"""The paired servers, for panels that are drawn often."""

from __future__ import annotations

from livescape_shared.connection import default_state_dir
from livescape_shared.remote.servers import PairedServer, Servers

_seen: dict[object, list[PairedServer]] = {}


def store() -> Servers:
    """Return where this user's servers are kept."""
    return Servers(default_state_dir())


def paired_servers() -> list[PairedServer]:
    """Return the servers by name; files are read again only if something has changed."""
    servers = store()
    state = servers.state()
    if state not in _seen:
        _seen.clear()
        _seen[state] = servers.all()
    return _seen[state]
