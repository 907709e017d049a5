"""A living scene as the cache that Blender plays, in the folder beside a .blend."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from livescape.deform.living_scene import LivingScene
from livescape_shared import __version__
from livescape_shared.cache.folder import ROOT
from livescape_shared.cache.manifest import read_manifest
from livescape_shared.cache.writer import CacheWriter
from livescape_shared.errors import LivescapeError
from livescape_shared.request import GenerateRequest

MADE_FROM = "made_from"
"""Field of the cache's report: a hash of what it was made from."""


def check_cache_place(blend: Path) -> None:
    """Check that a cache can be written beside ``blend``, before the work.

    Raises:
        LivescapeError: ``disk_full`` or ``cache_not_writable``.
    """
    CacheWriter(_root(blend), "", {}).prepare()


def _root(blend: Path) -> Path:
    return blend.absolute().parent / ROOT


class BlenderCache:
    """The cache of one object beside one .blend, which need not exist yet.

    Args:
        blend: The .blend that is to play it.
        name: Of the object.
        request: What it is made from.
    """

    def __init__(self, blend: Path, name: str, request: GenerateRequest) -> None:
        self._root = _root(blend)
        self._name = name
        self._made_from = hashlib.sha256(f"{__version__} {request.job_id()}".encode()).hexdigest()
        self._writer = CacheWriter(self._root, name, request.settings.to_dict())

    def find(self) -> Path | None:
        """Return the folder of a whole cache that was made from just this; None without one."""
        found = []
        for folder in self._root.iterdir() if self._root.is_dir() else ():
            with suppress(LivescapeError):
                manifest = read_manifest(folder)
                if (manifest.name, manifest.report.get(MADE_FROM)) == (self._name, self._made_from):
                    found.append((manifest.created, folder))
        return max(found)[1] if found else None

    def write(self, scene: LivingScene) -> Path:
        """Write the scene and return the folder.

        Raises:
            LivescapeError: ``disk_full`` or ``cache_not_writable``; nothing is left of it then.
        """
        writer, meta = self._writer, scene.meta
        try:
            writer.begin(meta)
            writer.static(scene.still)
            writer.moving(scene.moving.all_copies())
            for index in range(meta.loop_frames + 1 if meta.moving else 0):
                writer.frame(scene.moving.frame(index, meta.loop_frames))
            writer.report = {**scene.report, MADE_FROM: self._made_from}
            writer.finish()
        finally:
            writer.abort()  # what is whole stays
        return writer.folder
