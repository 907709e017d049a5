"""What tells whether a shot must be made again: hashes of all that it is made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from livescape_shared import __version__
from livescape_shared.annotation_files.given import DRAWN, of_photos, pictures_of
from livescape_shared.annotation_files.kinds import is_json
from livescape_shared.errors import LivescapeError

FILES: Final = ("photo", "camera_path", "depth", "mask", "hints", "flow", "clip")

_HEAD: Final = 128
_UNREADABLE: Final = ""

Shot = Mapping[str, Any]
Stamp = tuple[Any, ...]


class Fingerprints:
    """Fingerprints of the shots of a list.

    A file is read once for all shots that use it, as long as it stays the same. Of a data set of
    COCO only what belongs to a shot's photo counts.

    Args:
        shots: All of them.
        base: Folder in which their files are looked up.
    """

    def __init__(self, shots: Iterable[Shot], base: Path) -> None:
        self._base = base
        self._photos: dict[Path, set[str]] = {}
        self._known: dict[Path, tuple[Stamp, dict[str, str]]] = {}
        for shot in shots:
            for name in FILES:
                if shot.get(name):
                    photos = self._photos.setdefault(base / shot[name], set())
                    photos.add(_photo(shot, name))

    def of(self, shot: Shot) -> str:
        """Return a hash of all that a shot is made from; what cannot be read counts as empty."""
        digest = hashlib.sha256(json.dumps([__version__, shot], sort_keys=True).encode())
        for name in FILES:
            part = self._part(self._base / shot[name], _photo(shot, name)) if shot.get(name) else ""
            digest.update(f"{name}:{part};".encode())
        return digest.hexdigest()

    def _part(self, path: Path, photo: str) -> str:
        """Return the hash of what a file or folder says of a photo."""
        try:
            stamp = _stamp(path)
            seen, parts = self._known.get(path, ((), {}))
            if seen != stamp or photo not in parts:
                parts = _hashes(path, self._photos.get(path, set()) | {photo})
                self._known[path] = stamp, parts
            return parts[photo]
        except (OSError, LivescapeError):  # the shot itself says why
            return _UNREADABLE


def _photo(shot: Shot, name: str) -> str:
    """Return the file name of the photo of which a file is asked; none matters to most files."""
    return Path(shot["photo"]).name if name in DRAWN else ""


def _stamp(path: Path) -> Stamp:
    """Return what changes with a file or folder."""
    files = pictures_of(path) if path.is_dir() else [path]
    found = [(each.name, each.stat()) for each in files]
    return tuple((name, stat.st_ino, stat.st_size, stat.st_mtime_ns) for name, stat in found)


def _hashes(path: Path, photos: Iterable[str]) -> dict[str, str]:
    """Return the hashes of what a file or folder says of photos, by their names."""
    if path.is_dir():
        whole = [[each.name, _hash_of_file(each)] for each in pictures_of(path)]
        return dict.fromkeys(photos, hashlib.sha256(json.dumps(whole).encode()).hexdigest())
    with path.open("rb") as stream:
        is_text = is_json(stream.read(_HEAD))
    if not is_text:
        return dict.fromkeys(photos, _hash_of_file(path))
    parts = of_photos(path.read_bytes(), photos)
    return {photo: hashlib.sha256(part).hexdigest() for photo, part in parts}


def _hash_of_file(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
