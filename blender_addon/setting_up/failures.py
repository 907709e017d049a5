"""What the output of a command that failed means to an artist."""

from __future__ import annotations

import re
from collections.abc import Sequence

from livescape_shared.errors import LivescapeError

LONGEST_QUOTE = 160


def failure_of(lines: Sequence[str], *, is_online: bool) -> LivescapeError:
    """Return the error that the last lines of a failed command speak of.

    Args:
        lines: What it said.
        is_online: Whether it was allowed to use the network.
    """
    text = "\n".join(lines)
    for pattern, make in _KINDS:
        if re.search(pattern, text, re.IGNORECASE):
            return make(text, is_online)
    return LivescapeError(
        "setup_failed",
        f"Setting up the backend failed: {quote(lines)}",
        hint="Open Log says more. Set Up goes on from what has arrived.",
        retryable=True,
    )


def quote(lines: Sequence[str]) -> str:
    """Return the line that says most, short enough for a sentence."""
    said = [line.strip() for line in lines if line.strip()]
    telling = [line for line in said if re.match(r"(error|cause|\w*Error)\b", line)] or said[-1:]
    line = telling[-1] if telling else "it said nothing"
    return line if len(line) <= LONGEST_QUOTE else f"{line[: LONGEST_QUOTE - 1]}…"


def _disk_full(text: str, is_online: bool) -> LivescapeError:
    return LivescapeError(
        "disk_full",
        "There is not enough space on the disk for the backend.",
        hint="Free some space and press Set Up again; what has arrived is kept.",
        retryable=True,
    )


def _path_too_long(text: str, is_online: bool) -> LivescapeError:
    return LivescapeError(
        "setup_path_too_long",
        "Windows does not allow paths as long as those of the backend would be.",
        hint="Turn on long paths in Windows, or choose a folder near the root of a drive as "
        "Backend Folder in the add-on's preferences.",
    )


def _not_writable(text: str, is_online: bool) -> LivescapeError:
    return LivescapeError(
        "setup_not_writable",
        "The folder of the backend cannot be written, or a file in it is in use.",
        hint="Close other Blenders and servers, or choose another Backend Folder in the "
        "add-on's preferences.",
        retryable=True,
    )


def _refused(text: str, is_online: bool) -> LivescapeError:
    return LivescapeError(
        "setup_index_refused",
        "The package index was reached but refused to answer.",
        hint="Check Package Index in the add-on's preferences, a proxy or its certificate; "
        "Open Log names the address.",
        retryable=True,
    )


def _no_network(text: str, is_online: bool) -> LivescapeError:
    return LivescapeError(
        "setup_no_network",
        "The package index cannot be reached.",
        hint="Check the connection and press Set Up again; what has arrived is kept. Without a "
        "network, choose a Folder of Wheels.",
        retryable=True,
    )


def _no_python(text: str, is_online: bool) -> LivescapeError:
    return LivescapeError(
        "setup_python_missing",
        "There is no Python on this computer that fits, and none could be fetched.",
        hint="Install Python 3.11, 3.12 or 3.13 (with a Folder of Wheels, the one that they are "
        "for)" + ("." if is_online else ", or turn on Allow Online Access."),
        retryable=True,
    )


def _package_missing(text: str, is_online: bool) -> LivescapeError:
    found = re.search(r"because (there (?:is|are) no )?([\w.-]+)", " ".join(text.split()), re.I)
    named = f" ({found[2]})" if found else ""
    where = "The package index" if is_online else "The folder of wheels"
    return LivescapeError(
        "setup_package_missing",
        f"{where} lacks a package that the backend needs{named}, or its build for this Python.",
        hint="Open Log says which. " + ("" if is_online else "Add its wheel to the folder."),
    )


def _damaged(text: str, is_online: bool) -> LivescapeError:
    return LivescapeError(
        "setup_download_damaged",
        "A package has arrived damaged.",
        hint="Press Set Up again. If it happens again, the package is damaged where it comes from.",
        retryable=True,
    )


_KINDS = (
    (r"no space left|os error 28\b|os error 112\b|not enough space|quota exceeded", _disk_full),
    (r"os error 206\b|file ?name (or extension )?(is )?too long|os error 36\b", _path_too_long),
    (
        r"no interpreter found|no python (installation|interpreter)|python downloads? (is|are) "
        r"(disabled|set)|failed to (download|fetch|install).*(python-build-standalone|cpython)",
        _no_python,
    ),
    (
        r"\b(401|403|407|429|5\d\d) (unauthorized|forbidden|proxy|too many|internal|bad gateway|"
        r"service|gateway)|HTTP status (client|server) error|invalid peer certificate"
        r"|certificate verify failed|UnknownIssuer",
        _refused,
    ),
    (
        r"hash mismatch|invalid zip|zip (archive|file) is|failed to (extract|unzip)"
        r"|invalid package format|read from zip|bad (crc|local file header)|not a valid wheel"
        r"|truncated|could not read.*\.whl",
        _damaged,
    ),
    (
        r"dns error|failed to lookup|error sending request|connection (refused|reset|closed)"
        r"|network is unreachable|timed? ?out|failed to fetch|client \(connect\)",
        _no_network,
    ),
    (r"no solution found|not found in the|no matching distribution", _package_missing),
    (r"access is denied|permission denied|os error (5|13|30|32)\b|read-only", _not_writable),
)
"""Patterns in the order in which they are tried: a cause before what follows from it."""
