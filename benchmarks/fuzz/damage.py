"""Ways to damage a file that get past what any damage to its bytes would break first."""

from __future__ import annotations

import gzip
import hashlib
import struct
from collections.abc import Callable

import numpy as np
import zstandard
from tests.imaging.damage import mutated
from tests.imaging.inside_damage import in_json, in_zip, inside

Mutation = Callable[[bytes, np.random.Generator], bytes]

STAGE_KEY = "key"
"""Key of the stage cache's entry that is damaged."""

_SPZ_HEAD = struct.Struct("<IIIBBBBI12x")
_SPZ_ENTRY = struct.Struct("<QQ")
_GLB_HEAD = struct.Struct("<4sIIII")


def _in_gzip(data: bytes, rng: np.random.Generator) -> bytes:
    inside: bytes = mutated(gzip.decompress(data), rng)
    return gzip.compress(inside, 1)


def _under_hash(data: bytes, rng: np.random.Generator) -> bytes:
    payload: bytes = mutated(data[32:], rng)
    return hashlib.sha256(payload + STAGE_KEY.encode()).digest() + payload


def _in_streams(data: bytes, rng: np.random.Generator) -> bytes:
    """Damage one Zstandard stream of an SPZ 4, or its header, and pack it again."""
    *head, streams, table = _SPZ_HEAD.unpack_from(data)
    start = table + streams * _SPZ_ENTRY.size
    parts = []
    for packed, _ in _SPZ_ENTRY.iter_unpack(data[table:start]):
        parts.append(zstandard.decompress(data[start : start + packed]))
        start += packed
    struck = int(rng.integers(len(parts)))
    size = len(parts[struck])
    parts[struck] = (mutated(parts[struck], rng) + bytes(size))[:size]
    if rng.random() < 0.3:
        head[int(rng.integers(2, len(head)))] = int(rng.integers(0, 256))
    frames = [zstandard.compress(part) for part in parts]
    entries = [
        _SPZ_ENTRY.pack(len(frame), len(part)) for frame, part in zip(frames, parts, strict=True)
    ]
    whole = [_SPZ_HEAD.pack(*head, streams, table), data[_SPZ_HEAD.size : table]]
    return b"".join([*whole, *entries, *frames])


def _in_document(data: bytes, rng: np.random.Generator) -> bytes:
    """Put another value into the document of a GLB."""
    magic, version, _, length, kind = _GLB_HEAD.unpack_from(data)
    end = _GLB_HEAD.size + length
    text = bytes(in_json(data[_GLB_HEAD.size : end], rng))
    text += b" " * (-len(text) % 4)
    size = _GLB_HEAD.size + len(text) + len(data) - end
    return _GLB_HEAD.pack(magic, version, size, len(text), kind) + text + data[end:]


_INSIDE: dict[str, Mutation] = {
    "spz": _in_gzip,
    "spz 4": _in_streams,
    "sog": in_zip,
    "glb": _in_document,
    "stage cache": _under_hash,
    "camera path": in_json,
    "server.json": in_json,
}


def damage(name: str, data: bytes, rng: np.random.Generator) -> bytes:
    """Return a whole file of reader ``name`` damaged, mostly in the way that gets farthest."""
    within: Mutation | None = _INSIDE.get(name) or inside(data)
    if within is not None and rng.random() < 0.7:
        return bytes(within(data, rng))
    return bytes(mutated(data, rng))
