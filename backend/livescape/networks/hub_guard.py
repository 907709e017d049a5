"""What the hub's client may do while it fetches a model: ask by https, tell nobody who we are.

The client follows redirects, as the hub keeps large files with other hosts. Each request of its,
redirected or not, is looked at before it is sent.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from livescape_shared.errors import LivescapeError

_PERSONAL: Final = ("authorization", "cookie", "proxy-authorization")


def check_address(address: str, home: str) -> None:
    """Refuse to ask ``address``.

    Args:
        address: Where a request is about to go.
        home: Host of the hub or mirror that the user has chosen, which may be a local one.

    Raises:
        LivescapeError: ``model_address_unsafe`` unless it is https, and outside this machine and
            its network or ``home`` itself.
    """
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    if parts.scheme != "https" or not host:
        raise _unsafe(address, "only https addresses are asked")
    if host != home.lower() and _is_local(host):
        raise _unsafe(address, "the hub has no business sending us to a local address")


def _unsafe(address: str, why: str) -> LivescapeError:
    parts = urlsplit(address)
    return LivescapeError(
        "model_address_unsafe",
        f"No model is fetched from {parts.scheme}://{parts.hostname}: {why}.",
        hint="Give the https address of the hub or of a mirror with --endpoint.",
    )


def _is_local(host: str) -> bool:
    """Return whether ``host`` has an address that only means something near this machine."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except OSError:  # then it cannot be asked, unless by a proxy, for which it is not local
        return False
    return not all(ipaddress.ip_address(str(each).partition("%")[0]).is_global for each in found)


@contextmanager
def guarded(hub: Any, endpoint: str | None) -> Iterator[None]:
    """Let every request of the client ``hub`` within the block be checked, and be nobody's.

    Args:
        hub: The package ``huggingface_hub``.
        endpoint: Address of the hub, if not the usual one.
    """
    home = urlsplit(endpoint or hub.constants.ENDPOINT).hostname or ""
    check_address(endpoint or hub.constants.ENDPOINT, home)

    def check(request: Any) -> None:
        check_address(str(request.url), home)
        for name in _PERSONAL:
            request.headers.pop(name, None)

    # Its other way of downloading opens connections that nothing here would see.
    other_way, hub.constants.HF_HUB_DISABLE_XET = hub.constants.HF_HUB_DISABLE_XET, True
    hub.close_session()
    session = hub.get_session()
    hooks = session.event_hooks
    session.event_hooks = {**hooks, "request": [*hooks["request"], check]}
    try:
        yield
    finally:
        hub.close_session()
        hub.constants.HF_HUB_DISABLE_XET = other_way
