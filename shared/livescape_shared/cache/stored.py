"""The Gaussians of a cache at rest: what Blender does not play, as small as it gets without loss.

``static.zip`` and ``moving.zip`` are zip archives with an entry for each array. It holds the bytes
of little-endian float32 values sorted by significance: all first bytes, of column after column,
then all second ones and so on, which is what makes floats compressible.

Early versions kept PLY files and an array of windows instead.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livescape_shared.cache.manifest import Manifest, damaged
from livescape_shared.cache.names import (
    EARLY_MOVING,
    EARLY_STATIC,
    EARLY_WINDOWS,
    MOVING,
    STATIC,
)
from livescape_shared.errors import LivescapeError
from livescape_shared.gaussians import Float32Array, Gaussians
from livescape_shared.ply import read_splat_ply
from livescape_shared.rendering import SH_COEFFICIENTS
from livescape_shared.scene import MovingGaussians
from livescape_shared.splats import ImportedSplats, Splats

_COLUMNS: Final = {"means": 3, "quats": 4, "scales": 3, "opacities": 1, "colors": 3}
_WINDOWS: Final = "windows"
_HARMONICS: Final = "harmonics"
_ITEM: Final = 4
_LEVEL: Final = 1  # a higher one takes much longer and saves hardly anything


def write_static(folder: Path, gaussians: Gaussians, harmonics: Float32Array | None) -> None:
    """Store the Gaussians that never move.

    Args:
        folder: The cache.
        gaussians: [N] set.
        harmonics: [N, K, 3] what their colour owes to the view, if it does.

    Raises:
        OSError: From the file system.
    """
    rest = {} if harmonics is None else {_HARMONICS: harmonics}
    _write(folder / STATIC, {**_arrays(gaussians), **rest})


def write_moving(folder: Path, moving: MovingGaussians) -> None:
    """Store the moving Gaussians at t = 0.

    Raises:
        OSError: From the file system.
    """
    _write(folder / MOVING, {**_arrays(moving.gaussians), _WINDOWS: moving.windows})


def read_static(folder: Path, manifest: Manifest) -> Splats:
    """Return the Gaussians that never move, and their view-dependent colour.

    Raises:
        LivescapeError: ``cache_damaged``.
    """
    with _told(folder):
        if STATIC not in manifest.files:
            return _whole(read_splat_ply(folder / EARLY_STATIC), manifest.scene.static)
        with zipfile.ZipFile(folder / STATIC) as archive:
            return _whole(_gaussians(archive, manifest.scene.static), manifest.scene.static)


def read_moving(folder: Path, manifest: Manifest) -> MovingGaussians:
    """Return the moving Gaussians at t = 0.

    Raises:
        LivescapeError: ``cache_damaged``.
    """
    count = manifest.scene.moving
    with _told(folder):
        if MOVING not in manifest.files:
            windows = np.load(folder / EARLY_WINDOWS, allow_pickle=False)
            splats = _whole(read_splat_ply(folder / EARLY_MOVING, with_harmonics=False), count)
            return MovingGaussians(splats.gaussians, windows)
        with zipfile.ZipFile(folder / MOVING) as archive:
            splats = _whole(_gaussians(archive, count), count)
            return MovingGaussians(splats.gaussians, _array(archive, _WINDOWS, count, (2,)))


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Let whatever a damaged file makes its readers raise be one error."""
    try:
        yield
    except OSError as error:
        raise damaged(folder, error.strerror or "it cannot be read") from error
    except (ValueError, zipfile.BadZipFile, LivescapeError) as error:
        raise damaged(folder, str(error).rstrip(".")) from error
    except Exception as error:  # NumPy and zlib raise exceptions of any kind
        raise damaged(folder, f"its arrays cannot be read ({type(error).__name__})") from error


def _whole(found: ImportedSplats, count: int) -> Splats:
    """Return all splats of a file, which must be ``count`` and valid."""
    if found.dropped:
        message = f"{found.dropped} Gaussians have impossible values"
        raise ValueError(message)
    if len(found.splats) != count:
        message = "its counts differ from its files"
        raise ValueError(message)
    return found.splats


def _arrays(gaussians: Gaussians) -> dict[str, NDArray[np.float32]]:
    """Return the arrays of a set, within what all that read them can take."""
    return {
        **vars(gaussians),
        "quats": gaussians.quats / np.linalg.norm(gaussians.quats, axis=1, keepdims=True),
        "scales": np.maximum(gaussians.scales, 1e-12),
        "opacities": np.clip(gaussians.opacities, 1e-6, 1.0 - 1e-6),
    }


def _write(path: Path, arrays: Mapping[str, NDArray[np.float32]]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            columns = np.ascontiguousarray(np.moveaxis(array, 0, -1), dtype="<f4").reshape(-1)
            planes = columns.view(np.uint8).reshape(-1, _ITEM).T
            entry = zipfile.ZipInfo(name)  # without the time: equal arrays are equal files
            archive.writestr(entry, planes.tobytes(), zipfile.ZIP_DEFLATED, _LEVEL)


def _gaussians(archive: zipfile.ZipFile, count: int) -> ImportedSplats:
    arrays = [
        _array(archive, name, count, (columns,) if columns > 1 else ())
        for name, columns in _COLUMNS.items()
    ]
    harmonics = None
    if _HARMONICS in archive.namelist():
        stored = archive.getinfo(_HARMONICS).file_size // (max(count, 1) * _ITEM * 3)
        if stored not in SH_COEFFICIENTS:
            message = f"it has {stored} {_HARMONICS}"
            raise ValueError(message)
        harmonics = _array(archive, _HARMONICS, count, (stored, 3))
    return ImportedSplats.sound(Splats(Gaussians(*arrays), harmonics))


def _array(
    archive: zipfile.ZipFile, name: str, count: int, tail: tuple[int, ...]
) -> NDArray[np.float32]:
    """Return the array [count, *tail]; nothing is unpacked unless it has just this size."""
    entry = archive.getinfo(name)
    shape = (count, *tail)
    size = int(np.prod(shape, dtype=np.int64)) * _ITEM
    if entry.file_size != size:
        message = f"{name} has {entry.file_size} of {size} bytes"
        raise ValueError(message)
    planes = np.frombuffer(archive.read(entry), np.uint8).reshape(_ITEM, -1)
    columns = np.ascontiguousarray(planes.T).view("<f4").reshape(*tail, count)
    return np.ascontiguousarray(np.moveaxis(columns, -1, 0), dtype=np.float32)
