"""SOG, PlayCanvas' file for the web: numbers in lossless WebP pictures, one pixel a Gaussian.

``meta.json`` names the pictures and how bytes become values; it lies beside them, or with them in
a zip, ``.sog``. Version 2 looks scales, colours and harmonics up in codebooks; version 1, which
states none, spreads bytes between a smallest and a largest value. Layout: that of
github.com/playcanvas/splat-transform (MIT).
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError
from livescape_shared.formats.invalid import invalid_splats
from livescape_shared.formats.webp import Decode, webp_size
from livescape_shared.gaussians import Float32Array, Gaussians
from livescape_shared.limits import MAX_GAUSSIANS
from livescape_shared.rendering import SH_C0, SH_COEFFICIENTS
from livescape_shared.smallest_three import whole_rotations
from livescape_shared.splats import ImportedSplats, Splats

KIND = "SOG"
META = "meta.json"

_MOST_META = 2**20
_MOST_UNUSED = 4
"""Pixels that a picture may have for each Gaussian; writers round its sides up."""
_SMALL = 2**20
_PALETTE_ROW = 64
_MOST_PALETTE = 65536

Bytes = NDArray[np.uint8]


def read_sog(path: Path, decode: Decode) -> ImportedSplats:
    """Read a ``.sog``, or the ``meta.json`` of one that lies unpacked.

    Raises:
        LivescapeError: ``splats_invalid``, which says what was found, or from ``decode``.
        OSError: From the file system.
    """
    try:
        if not zipfile.is_zipfile(path):
            return _SogReader(path, lambda name: _beside(path, name), decode).read()
        with zipfile.ZipFile(path) as archive:
            return _SogReader(path, lambda name: _within(archive, name), decode).read()
    except LivescapeError:
        raise
    except (KeyError, IndexError, TypeError, ValueError, RecursionError) as error:
        raise invalid_splats(path, KIND, f"its pictures do not fit {META}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise invalid_splats(path, KIND, "its archive is damaged") from error


def _within(archive: zipfile.ZipFile, name: str) -> bytes:
    entry = archive.getinfo(name)
    stored = entry.compress_type == zipfile.ZIP_STORED
    if not stored and entry.file_size > _SMALL + 64 * entry.compress_size:
        message = f"{name} unpacks to too much"
        raise ValueError(message)
    return archive.read(entry)


def _beside(path: Path, name: str) -> bytes:
    if Path(name).name != name:
        message = f"{name} lies elsewhere"
        raise ValueError(message)
    return (path.parent / name).read_bytes()


class _SogReader:
    def __init__(self, path: Path, fetch: Callable[[str], bytes], decode: Decode) -> None:
        self._path, self._fetch, self._decode = path, fetch, decode
        meta = fetch(META if path.suffix.lower() != ".json" else path.name)
        if len(meta) > _MOST_META:
            raise invalid_splats(path, KIND, f"{META} is too large")
        self._meta: dict[str, Any] = json.loads(meta)
        version = self._meta.get("version", 1)
        if version not in (1, 2):
            raise invalid_splats(path, KIND, f"it is of version {version}")
        self._first = version == 1
        means = self._meta["means"]
        self._count = int(means["shape"][0] if self._first else self._meta["count"])
        if not 0 <= self._count <= MAX_GAUSSIANS:
            raise invalid_splats(path, KIND, f"it announces {self._count} Gaussians")

    def read(self) -> ImportedSplats:
        rgba = self._pixels("sh0", 0)
        coefficients = self._values("sh0", rgba[:, :3], slice(0, 3))
        if self._first:
            logits = self._values("sh0", rgba[:, 3:], slice(3, 4))[:, 0]
            opacities = np.float32(1.0) / (np.float32(1.0) + np.exp(-logits))
        else:
            opacities = rgba[:, 3] / np.float32(255.0)
        scales = self._values("scales", self._pixels("scales", 0)[:, :3], slice(0, 3))
        gaussians = Gaussians(
            means=self._means(),
            quats=_rotations(self._pixels("quats", 0)),
            scales=np.exp(scales),
            opacities=opacities,
            colors=0.5 + SH_C0 * coefficients,
        )
        harmonics = self._harmonics() if self._meta.get("shN") else None
        return ImportedSplats.sound(Splats(gaussians, harmonics))

    def _picture(self, name: str, at: int, most: int) -> Bytes:
        """Return the pixels [H, W, 4] of a picture, refused undecoded if there are too many."""
        data = self._fetch(str(self._meta[name]["files"][at]))
        width, height = webp_size(data)
        if width * height > most:
            raise invalid_splats(self._path, KIND, f"a picture has {width} x {height} pixels")
        return self._decode(data)

    def _pixels(self, name: str, at: int) -> Bytes:
        """Return [N, 4]."""
        pixels = self._picture(name, at, _SMALL + _MOST_UNUSED * self._count).reshape(-1, 4)
        if len(pixels) < self._count:
            raise invalid_splats(self._path, KIND, f"{name} has too few pixels")
        return pixels[: self._count]

    def _values(self, name: str, codes: Bytes, channels: slice) -> Float32Array:
        """Return what codes [N, C] of a picture stand for."""
        meta = self._meta[name]
        if not self._first:
            return np.asarray(np.array(meta["codebook"], dtype=np.float32)[codes])
        low, high = (np.asarray(meta[end], dtype=np.float32) for end in ("mins", "maxs"))
        if low.ndim:
            low, high = low[channels], high[channels]
        return np.asarray(low + (high - low) * (codes / np.float32(255.0)), dtype=np.float32)

    def _means(self) -> Float32Array:
        low, high = (self._pixels("means", at)[:, :3].astype(np.uint16) for at in (0, 1))
        meta = self._meta["means"]
        least, most = (np.asarray(meta[end], dtype=np.float64) for end in ("mins", "maxs"))
        values = least + (most - least) * ((high << 8 | low) / 65535.0)
        return np.asarray(np.sign(values) * np.expm1(np.abs(values)), dtype=np.float32)

    def _harmonics(self) -> Float32Array:
        meta = self._meta["shN"]
        most = _PALETTE_ROW * SH_COEFFICIENTS[-1] * (_MOST_PALETTE // _PALETTE_ROW)
        centroids = self._picture("shN", 0, most)[..., :3]
        kept = centroids.shape[1] // _PALETTE_ROW
        if kept not in SH_COEFFICIENTS[1:]:
            raise invalid_splats(self._path, KIND, f"its palette is {centroids.shape[1]} wide")
        palette = centroids[:, : _PALETTE_ROW * kept].reshape(-1, kept, 3)
        pixels = self._pixels("shN", 1).astype(np.int64)
        labels = pixels[:, 0] | pixels[:, 1] << 8
        if len(labels) and labels.max() >= min(len(palette), int(meta.get("count", len(palette)))):
            raise invalid_splats(self._path, KIND, "a label lies outside its palette")
        shown: Float32Array = self._values("shN", palette, slice(None))[labels]
        return shown


def _rotations(pixels: Bytes) -> Float32Array:
    """Return quaternions [N, 4]: three components, and in the last byte which one is hidden."""
    small = (pixels[:, :3].astype(np.float32) / 255.0 * 2.0 - 1.0) * np.float32(0.5**0.5)
    hidden = pixels[:, 3].astype(np.intp) - 252
    known = hidden >= 0
    hidden = np.where(known, hidden, 0)
    small = np.where(known[:, None], small, 0.0)
    return whole_rotations(small, hidden)
