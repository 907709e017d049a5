"""What the files of a cache hold, read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from livescape_shared.cache.manifest import FILE, damaged, read_manifest
from livescape_shared.cache.names import POINT_CACHE
from livescape_shared.cache.stored import read_moving, read_static

from ..splats.content import SplatContent
from .cache_folder import as_blend_path


def load_cache(folder: Path, name: str) -> SplatContent:
    """Return what the object of a cache is made of, as this .blend names its files.

    Raises:
        LivescapeError: As :func:`read_cache`.
    """
    return in_blend(read_cache(folder, name))


def in_blend(content: SplatContent) -> SplatContent:
    """Return content whose cache is named as this .blend names it."""
    return replace(content, cache_file=as_blend_path(Path(content.cache_file)))


def read_cache(folder: Path, name: str) -> SplatContent:
    """Return what the object of a cache is made of; touches nothing of Blender's.

    Args:
        folder: Where the cache lies now.
        name: Of the object.

    Raises:
        LivescapeError: ``cache_missing`` or ``cache_damaged``.
    """
    manifest = read_manifest(folder)
    static, moving = read_static(folder, manifest), read_moving(folder, manifest)
    has_points = bool(manifest.scene.moving)
    if has_points and POINT_CACHE not in manifest.files:
        raise damaged(folder, f"it has no {POINT_CACHE}")
    return SplatContent(
        name,
        manifest.scene,
        static.gaussians,
        moving,
        str(folder / (POINT_CACHE if has_points else FILE)),
        static.harmonics,
        manifest.files[POINT_CACHE].sha256 if has_points else "",
    )
