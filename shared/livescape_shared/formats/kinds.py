"""Which kind of file it is, by its content; the name is asked only where content says nothing."""

from __future__ import annotations

import zipfile
from pathlib import Path

from livescape_shared.formats import ksplat, splat, spz_streams

PLY, SPZ, GLTF, USD, SOG, SPLAT, KSPLAT = "PLY", "SPZ", "glTF", "USD", "SOG", ".splat", ".ksplat"
FOUR_DGS = ".4dgs"

SUFFIXES = {
    ".ply": PLY, ".spz": SPZ, ".glb": GLTF, ".gltf": GLTF, ".usd": USD, ".usda": USD,
    ".usdc": USD, ".usdz": USD, ".sog": SOG, ".splat": SPLAT, ".ksplat": KSPLAT,
    ".4dgs": FOUR_DGS,
}  # fmt: skip
"""The kind that each suffix promises."""

_HEAD = 4096

_STARTS = {
    b"ply": PLY, spz_streams.SIGNATURE: SPZ, b"\x1f\x8b": SPZ, b"glTF": GLTF,
    b"PXR-USDC": USD, b"#usda": USD, b"\x894DGS": FOUR_DGS,
}  # fmt: skip

_FOREIGN = {
    b"\x89PNG": "a PNG picture", b"\xff\xd8\xff": "a JPEG picture", b"GIF8": "a GIF picture",
    b"II*\0": "a TIFF picture", b"MM\0*": "a TIFF picture", b"v/1\x01": "an OpenEXR picture",
    b"BLENDER": "a Blender file", b"\x28\xb5\x2f\xfd": "a Zstandard archive, perhaps a .blend",
    b"Kaydara FBX": "an FBX model", b"LASF": "a LAS point cloud", b"ASTM-E57": "an E57 point cloud",
    b"# .PCD": "a PCD point cloud", b"Ogawa": "an Alembic file", b" BDV": "an OpenVDB volume",
    b"\x89HDF": "an HDF5 file", b"\x93NUMPY": "a NumPy array", b"%PDF": "a PDF document",
    b"solid": "an STL model", b"\x80\x02": "a Python pickle", b"<!DOCTYPE": "a web page",
    b"<!doctype": "a web page", b"<html": "a web page", b"\x1aE\xdf\xa3": "a Matroska or WebM film",
    b"7z\xbc\xaf": "a 7-Zip archive", b"Rar!": "a RAR archive", b"BM": "a BMP picture",
    b"4DGS": "a .4dgs scene", b"RAD0": "a RAD scene of Spark",
    b"version https://git-lfs": "a pointer of Git LFS: the file itself was not fetched",
}  # fmt: skip

_MEMBERS = {
    "data.pkl": "a checkpoint of PyTorch", "[Content_Types].xml": "an Office document",
    "AndroidManifest.xml": "an Android application", "lod-meta.json": "a streamed SOG",
}  # fmt: skip


def kind_of(path: Path) -> tuple[str | None, str]:
    """Return the kind of a file, or None and what it is instead.

    Raises:
        OSError: From the file system.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    promised = SUFFIXES.get(path.suffix.lower())
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(path)
    for start, kind in _STARTS.items():
        if head.startswith(start):
            return kind, ""
    if head[:3] == b"\xef\xbb\xbf" or head.lstrip()[:1] == b"{":
        return _in_json(path, head, promised)
    for start, what in _FOREIGN.items():
        if head.startswith(start):
            return None, what
    if head[4:8] == b"ftyp":
        return None, "a film or a HEIC or AVIF picture"
    if head[:4] == b"RIFF":
        return None, "a WebP picture" if head[8:12] == b"WEBP" else "a film or a sound"
    if promised in (SPLAT, KSPLAT):
        return promised, ""
    if ksplat.looks_like(head):
        return KSPLAT, ""
    if splat.looks_like(head, path.stat().st_size):
        return SPLAT, ""
    return promised, _unknown(head)


def _unknown(head: bytes) -> str:
    if not head:
        return "an empty file"
    if all(byte in b"\t\r\n" or 32 <= byte < 127 for byte in head):
        return "a text file"
    return "no splat file that is known here"


def _in_zip(path: Path) -> tuple[str | None, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return SUFFIXES.get(path.suffix.lower()), "a damaged zip archive"
    if "meta.json" in names:
        return SOG, ""
    if names and names[0].lower().endswith((".usd", ".usda", ".usdc")):
        return USD, ""
    for name in names:
        what = _MEMBERS.get(name.rsplit("/", 1)[-1])
        if what:
            return None, what
    if any(name.endswith(".npy") for name in names):
        return None, "an archive of NumPy arrays"
    return None, "a zip archive: unpack it and import what is in it"


def _in_json(path: Path, head: bytes, promised: str | None) -> tuple[str | None, str]:
    if b'"asset"' in head and promised == GLTF:
        return GLTF, ""
    if b'"means"' in head and (b'"quats"' in head or b'"count"' in head or b'"shape"' in head):
        return SOG, ""
    if path.suffix.lower() in (".lcc", ".lcc2"):
        return None, "an LCC scene of XGRIDS"
    if b'"lodLevels"' in head or b'"filenames"' in head:
        return None, "a streamed SOG"
    return (promised, "") if promised == GLTF else (None, "a JSON file")
