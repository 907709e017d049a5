"""Writes a scene as it streams in; the previous cache stays until the new one is whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from livescape_shared.gaussians import (
    Float32Array,
    GaussianFrame,
    Gaussians,
    control_points,
)
from livescape_shared.ply import write_ply
from livescape_shared.scene import MovingGaussians, SceneMeta

from ..splats.pc2 import Pc2Writer
from .contents import COPIES, MIDDLE_COLORS, MOVING, POINT_CACHE, STATIC
from .folder import check_space, file_errors
from .manifest import FileEntry, Manifest, file_entry, write_manifest

_BYTES_PER_GAUSSIAN = 20 * 4
_BYTES_PER_MOVING_FRAME = 4 * 3 * 4


class CacheWriter:
    """A sink of scenes that fills a sibling folder and swaps it in at the end.

    Every method raises :class:`LivescapeError` ``disk_full`` or ``cache_not_writable``.

    Args:
        folder: The cache folder, which need not exist.
        settings: What the user chose, for ``meta.json``.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self.folder = folder
        self.settings = settings
        self.report: Mapping[str, Any] = {}
        self._partial = folder.with_name(f".{folder.name}.partial")
        self._old = folder.with_name(f".{folder.name}.old")
        self._meta: SceneMeta | None = None
        self._points: Pc2Writer | None = None

    def prepare(self) -> None:
        """Check that the folder can be written, before any work is done."""
        with file_errors(self.folder):
            self._recover()
            shutil.rmtree(self._partial, ignore_errors=True)
            self._partial.mkdir(parents=True)
            (self._partial / "probe").write_bytes(b"livescape")
            (self._partial / "probe").unlink()

    def _recover(self) -> None:
        """Finish or undo a swap that a crash interrupted."""
        if self._old.is_dir() and not self.folder.exists():
            os.rename(self._old, self.folder)
        shutil.rmtree(self._old, ignore_errors=True)

    def begin(self, meta: SceneMeta) -> None:
        """Start a scene, replacing what an earlier stream of it may have left."""
        self.prepare()
        self._meta = meta
        self._points = None
        frames = meta.loop_frames + 1
        moving_bytes = meta.moving * _BYTES_PER_MOVING_FRAME * frames
        with file_errors(self.folder):
            check_space(
                self._partial,
                moving_bytes + (meta.static + meta.moving) * _BYTES_PER_GAUSSIAN + 2**20,
            )
            if meta.moving:
                self._points = Pc2Writer(self._partial / POINT_CACHE, 4 * meta.moving, frames)

    def static(self, gaussians: Gaussians, harmonics: Float32Array | None = None) -> None:
        """Store the Gaussians that never move, with what their colour owes to the view."""
        with file_errors(self.folder):
            write_ply(self._partial / STATIC, gaussians, harmonics)

    def moving(self, moving: MovingGaussians) -> None:
        """Store the moving Gaussians at t = 0."""
        with file_errors(self.folder):
            write_ply(self._partial / MOVING, moving.gaussians)
            np.save(self._partial / COPIES, moving.copies)
            if moving.middle_colors is not None:
                np.save(self._partial / MIDDLE_COLORS, moving.middle_colors)

    def frame(self, frame: GaussianFrame) -> None:
        """Store the next loop frame; a scene in which nothing moves needs none."""
        if self._points is None:
            return
        points = control_points(frame.means, frame.quats, frame.scales)
        with file_errors(self.folder):
            self._points.append(points.reshape(-1, 3))

    def finish(self) -> None:
        """Write ``meta.json`` and put the new cache in the place of the old one."""
        if self._meta is None:
            message = "finish() before begin()"
            raise ValueError(message)
        with file_errors(self.folder):
            paths = [self._partial / name for name in (STATIC, MOVING, COPIES, MIDDLE_COLORS)]
            files = {path.name: file_entry(path) for path in paths if path.exists()}
            if self._points is not None:
                digest = self._points.finish()
                size = (self._partial / POINT_CACHE).stat().st_size
                files[POINT_CACHE] = FileEntry(size, digest)
            write_manifest(self._partial, Manifest(self._meta, files, self.settings, self.report))
            self._swap()

    def _swap(self) -> None:
        if self.folder.exists():
            os.rename(self.folder, self._old)
        try:
            os.rename(self._partial, self.folder)
        except OSError:
            if self._old.exists():
                os.rename(self._old, self.folder)
            raise
        shutil.rmtree(self._old, ignore_errors=True)

    def abort(self) -> None:
        """Remove what was written; the previous cache is untouched."""
        if self._points is not None:
            self._points.abort()
        shutil.rmtree(self._partial, ignore_errors=True)
        with suppress(OSError):  # not empty: it holds caches
            self.folder.parent.rmdir()
