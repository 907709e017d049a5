"""What uv says while it works, read for a bar."""

from __future__ import annotations

import re

_UNITS = {"B": 1.0, "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30}
_COMES = re.compile(r"\s*Downloading ([^ ]+) \(([\d.]+)(B|KiB|MiB|GiB)\)")
_CAME = re.compile(r"\s*Downloaded ([^ ]+)")
_DONE = re.compile(r"\s*(Prepared|Installed) \d+ packages?")

ARRIVING_SHARE, PREPARED_SHARE = 0.85, 0.95


class Arrivals:
    """How much of what must be downloaded has arrived.

    Args:
        expected: Bytes that are expected; what is announced beyond them counts, too.
    """

    def __init__(self, expected: int) -> None:
        self._expected = float(expected)
        self._announced: dict[str, float] = {}
        self._arrived = 0.0
        self.fraction = 0.0

    def read(self, line: str) -> None:
        """Take a line of uv's output into account."""
        if found := _COMES.match(line):
            self._announced[found[1]] = float(found[2]) * _UNITS[found[3]]
        elif found := _CAME.match(line):
            self._arrived += self._announced.get(found[1], 0.0)
            whole = max(self._expected, sum(self._announced.values()), 1.0)
            self._reach(ARRIVING_SHARE * self._arrived / whole)
        elif found := _DONE.match(line):
            self._reach(PREPARED_SHARE if found[1] == "Prepared" else 1.0)

    def _reach(self, fraction: float) -> None:
        self.fraction = max(self.fraction, min(fraction, 1.0))
