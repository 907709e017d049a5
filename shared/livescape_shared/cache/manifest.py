"""``meta.json``: what a cache holds, written last, so that a cache without it is no cache."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livescape_shared import __version__
from livescape_shared.cache.folder import refusal
from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_stream
from livescape_shared.scene import SceneMeta
from livescape_shared.scene_meta import read_meta
from livescape_shared.values import integer, mapping, number, text

FILE = "meta.json"
FORMAT = "livescape-cache"
VERSION = 4
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,99}", re.ASCII)

READABLE = (2, 3, VERSION)
"""Up to version 3, Gaussians at rest were PLY files. In version 2, the scene does not say whether
it deforms, and control points were kept always.
"""


@dataclass(frozen=True)
class FileEntry:
    """Size and SHA-256 of one file."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The content of ``meta.json``.

    Attributes:
        scene: Counts and times.
        files: Entry of every other file, by name.
        settings: What the user chose; may be empty.
        report: What the backend said about the job; may be empty.
        name: Of the object that it was made for; early versions named the folder so instead.
        created: Seconds since 1970 when it was finished; 0 if unknown.
    """

    scene: SceneMeta
    files: Mapping[str, FileEntry]
    settings: Mapping[str, Any] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    created: float = 0.0


def file_entry(path: Path) -> FileEntry:
    """Return size and hash of a file."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return FileEntry(path.stat().st_size, digest)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write ``meta.json``, whole or not at all.

    Raises:
        LivescapeError: ``disk_full`` or ``cache_not_writable``.
    """
    values = {
        "format": FORMAT,
        "version": VERSION,
        "livescape": __version__,
        "object": manifest.name,
        "created": manifest.created,
        "scene": manifest.scene.to_dict(),
        "files": {name: vars(entry) for name, entry in manifest.files.items()},
        "settings": dict(manifest.settings),
        "report": dict(manifest.report),
    }
    # durable, so that after a power failure there is no meta.json beside files that are not whole
    with whole_stream(
        folder / FILE, durable=True, refusal=lambda path, error: refusal(path.parent, error)
    ) as stream:
        stream.write(json.dumps(values, indent=1).encode())


def missing(folder: Path) -> LivescapeError:
    """Return the error of a cache that is not there."""
    return LivescapeError(
        "cache_missing",
        f"The cache {folder.name} is not beside the .blend file.",
        hint="Copy the livescape folder next to the .blend, or generate again.",
    )


def damaged(folder: Path, what: str) -> LivescapeError:
    """Return the error of a cache that cannot be used."""
    return LivescapeError(
        "cache_damaged", f"The cache {folder.name} cannot be used: {what}.", hint="Generate again."
    )


def read_manifest(folder: Path) -> Manifest:
    """Read ``meta.json`` and check that the files are there at their size.

    Raises:
        LivescapeError: ``cache_missing`` or ``cache_damaged``.
    """
    path = folder / FILE
    if not path.is_file():
        raise missing(folder)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        ours = values["format"] == FORMAT and values["version"] in READABLE
        manifest = _from_values(values) if ours else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError, LivescapeError) as error:
        raise damaged(folder, f"{FILE} cannot be read") from error
    if manifest is None:
        raise damaged(folder, "it was written by another version")
    for file, entry in manifest.files.items():
        found = folder / file
        size = found.stat().st_size if found.is_file() else 0
        if size != entry.bytes:
            raise damaged(folder, f"{file} has {size} of {entry.bytes} bytes")
    return manifest


def _from_values(values: Mapping[str, Any]) -> Manifest:
    """Return what ``meta.json`` holds; nothing in it is believed unseen.

    Raises:
        LivescapeError: If the scene is impossible.
        KeyError, TypeError, ValueError: If something is missing or of another kind.
    """
    files = {
        _file_name(name): FileEntry(integer(entry["bytes"], 0), text(entry["sha256"]))
        for name, entry in mapping(values["files"]).items()
    }
    return Manifest(
        read_meta(mapping(values["scene"])),
        files,
        mapping(values.get("settings", {})),
        mapping(values.get("report", {})),
        text(values.get("object", "")),
        number(values.get("created", 0.0)),
    )


def _file_name(name: str) -> str:
    """Return the name of a file in the cache's folder.

    Raises:
        ValueError: If it is none, or one that could lead elsewhere.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(name)
    return name


def check_hashes(folder: Path, manifest: Manifest) -> None:
    """Check the content of every file; reads all of them.

    Raises:
        LivescapeError: ``cache_damaged``.
    """
    for name, entry in manifest.files.items():
        if file_entry(folder / name) != entry:
            raise damaged(folder, f"the content of {name} has changed")
