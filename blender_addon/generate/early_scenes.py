"""Scenes that arrive before the whole one, each put into a cache of its own."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from livescape_shared.cache.writer import CacheWriter
from livescape_shared.errors import LivescapeError
from livescape_shared.files import machine_mark
from livescape_shared.processes import process_alive

from ..bridge.collect import Collector
from ..bridge.events import PreviewArrived
from ..cache.generations import EARLY

LOGGER = logging.getLogger(__name__)

_MAKER = "maker"
"""Name, in what an early scene reports, of the machine and the process that have made it. Of the
machine there is a mark only, since a cache may be given to others."""


def maker_is_gone(report: Mapping[str, Any]) -> bool:
    """Whether a cache with this report is an early scene of a process that has ended."""
    match report.get(_MAKER):
        case [str(machine), int(process)] if EARLY in report and machine == machine_mark():
            return not process_alive(process)
    return False


class EarlyScenes:
    """Writes what arrives early. Whatever goes wrong with it concerns nothing else.

    Args:
        new_writer: Returns what writes a scene into a folder of its own.
    """

    def __init__(self, new_writer: Callable[[], CacheWriter]) -> None:
        self._new_writer = new_writer
        self._name = ""
        self._writer: CacheWriter | None = None
        self._collector: Collector | None = None
        self._newest: Path | None = None

    def take(self) -> Path | None:
        """Return the newest whole scene, once; None if there is none since the last."""
        taken, self._newest = self._newest, None
        return taken

    def feed(self, arrived: PreviewArrived) -> None:
        """Take a part; another name begins another scene."""
        if arrived.part.job != self._name:
            self.abandon()
            self._name = arrived.part.job
            self._writer = self._new_writer()
            self._writer.report = {EARLY: True, _MAKER: [machine_mark(), os.getpid()]}
            self._collector = Collector(self._writer)
        if self._collector is None or self._writer is None:
            return
        try:
            if self._collector.feed(arrived.part):
                self._replace(self._writer.folder)
                self._collector = None
        except LivescapeError as error:
            LOGGER.warning("a scene that came early is left out: %s", error)
            self._collector = None

    def abandon(self) -> None:
        """Remove what is not whole."""
        if self._collector is not None:
            self._collector.abort()
            self._collector = None

    def close(self) -> None:
        """Remove what nobody has taken either."""
        self.abandon()
        self._replace(None)

    def _replace(self, newest: Path | None) -> None:
        """Remove the scene that was there before, if nobody has taken it, for a newer one."""
        if self._newest is not None:
            shutil.rmtree(self._newest, ignore_errors=True)
        self._newest = newest
