"""What the files of a cache hold, read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from livescape_shared.cache.manifest import damaged, read_manifest
from livescape_shared.cache.names import MOVING, POINT_CACHE, STATIC, WINDOWS
from livescape_shared.errors import LivescapeError
from livescape_shared.ply import read_ply, read_splat_ply
from livescape_shared.scene import MovingGaussians
from livescape_shared.splats import Splats

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
    try:
        static = _read_static(folder)
        windows = np.load(folder / WINDOWS, allow_pickle=False)
        moving = MovingGaussians(read_ply(folder / MOVING), windows)
        digest = manifest.files[POINT_CACHE].sha256 if manifest.scene.moving else ""
    except (OSError, ValueError, LivescapeError) as error:
        raise damaged(folder, str(error).rstrip(".")) from error
    except Exception as error:  # a damaged array makes NumPy raise exceptions of any kind
        raise damaged(folder, f"its arrays cannot be read ({type(error).__name__})") from error
    if (len(static), len(moving.windows)) != (manifest.scene.static, manifest.scene.moving):
        raise damaged(folder, "its counts differ from its files")
    return SplatContent(
        name,
        manifest.scene,
        static.gaussians,
        moving,
        str(folder / (POINT_CACHE if manifest.scene.moving else STATIC)),
        static.harmonics,
        digest,
    )


def _read_static(folder: Path) -> Splats:
    found = read_splat_ply(folder / STATIC)
    if found.dropped:
        message = f"{STATIC} has {found.dropped} Gaussians with impossible values"
        raise ValueError(message)
    return found.splats
