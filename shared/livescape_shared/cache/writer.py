"""Writes a scene, as it streams in, into a folder that no other generation has."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from livescape_shared.cache.folder import check_space, claim_folder, file_errors
from livescape_shared.cache.manifest import FileEntry, Manifest, file_entry, write_manifest
from livescape_shared.cache.names import FILES, POINT_CACHE
from livescape_shared.cache.pc2 import Pc2Writer, played_points, points_per_row
from livescape_shared.cache.stored import write_moving, write_static
from livescape_shared.gaussians import (
    Float32Array,
    GaussianFrame,
    Gaussians,
)
from livescape_shared.scene import MovingGaussians, SceneMeta

_BYTES_PER_GAUSSIAN = 20 * 4
_BYTES_PER_POINT = 3 * 4


class CacheWriter:
    """A sink of scenes that fills a folder of its own and never touches another.

    A folder without ``meta.json``, which is written last, is no cache yet. Every method raises
    :class:`LivescapeError` ``disk_full`` or ``cache_not_writable``.

    Args:
        root: Where caches lie; need not exist.
        name: Of the object that the scene is for.
        settings: What the user chose, for ``meta.json``.
    """

    def __init__(self, root: Path, name: str, settings: Mapping[str, Any]) -> None:
        self.root = root
        self.name = name
        self.settings = settings
        self.report: Mapping[str, Any] = {}
        self._folder: Path | None = None
        self._meta: SceneMeta | None = None
        self._points: Pc2Writer | None = None
        self._is_whole = False

    @property
    def folder(self) -> Path:
        """The folder of this generation, which exists since :meth:`begin`."""
        if self._folder is None:
            message = "no scene has begun"
            raise ValueError(message)
        return self._folder

    def prepare(self) -> None:
        """Check that a folder can be made and written, before any work is done."""
        with file_errors(self.root):
            probe = claim_folder(self.root, ".probe")
            try:
                (probe / "probe").write_bytes(b"livescape")
            finally:
                shutil.rmtree(probe, ignore_errors=True)

    def begin(self, meta: SceneMeta) -> None:
        """Start a scene, replacing what an earlier stream of it may have left."""
        self._remove()
        self._meta = meta
        self._is_whole = False
        with file_errors(self.root):
            self._folder = claim_folder(self.root, self.name)
        frames = meta.loop_frames + 1
        points = meta.moving * points_per_row(meta)
        moving_bytes = points * _BYTES_PER_POINT * frames
        needed = moving_bytes + (meta.static + meta.moving) * _BYTES_PER_GAUSSIAN + 2**20
        with file_errors(self.folder):
            check_space(self.folder, needed)
            if meta.moving:
                self._points = Pc2Writer(self.folder / POINT_CACHE, points, frames)

    def static(self, gaussians: Gaussians, harmonics: Float32Array | None = None) -> None:
        """Store the Gaussians that never move, with what their colour owes to the view."""
        with file_errors(self.folder):
            write_static(self.folder, gaussians, harmonics)

    def moving(self, moving: MovingGaussians) -> None:
        """Store the moving Gaussians at t = 0."""
        with file_errors(self.folder):
            write_moving(self.folder, moving)

    def frame(self, frame: GaussianFrame) -> None:
        """Store the next loop frame; a scene in which nothing moves needs none."""
        if self._points is None or self._meta is None:
            return
        points = played_points(frame, self._meta)
        with file_errors(self.folder):
            self._points.append(points)

    def finish(self) -> None:
        """Write ``meta.json``, by which the folder becomes a cache."""
        if self._meta is None:
            message = "finish() before begin()"
            raise ValueError(message)
        with file_errors(self.folder):
            digest = self._points.finish() if self._points is not None else ""
            files = {}
            for path in (self.folder / name for name in FILES):
                if path.name == POINT_CACHE and digest:
                    files[path.name] = FileEntry(path.stat().st_size, digest)
                elif path.exists():
                    files[path.name] = file_entry(path)
            manifest = Manifest(
                self._meta, files, self.settings, self.report, self.name, time.time()
            )
            write_manifest(self.folder, manifest)
        self._is_whole = True

    def abort(self) -> None:
        """Remove what was written, unless it is whole."""
        self._remove()
        with suppress(OSError):  # not empty: it holds caches
            self.root.rmdir()

    def _remove(self) -> None:
        if self._points is not None:
            self._points.abort()
            self._points = None
        if self._folder is not None and not self._is_whole:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
