"""A job's folder: the request that came in, the numbered chunks of its result.

``request`` and ``000000.chunk``, ``000001.chunk``... are frame files; the worker writes chunks,
the server reads them as often as clients ask. ``whole.json`` says that all of them are there, and
what there is to know about them, so that a folder can be understood without the journal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape.server.framefile import Frame, read_frames, refusal, write_frames
from livescape_shared.codec import decode, encode, pack_arrays, peek_id, peek_type, readdress
from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file
from livescape_shared.messages import Chunk, Submit
from livescape_shared.packing import PLAIN, ZSTD_FLOAT16, moves
from livescape_shared.request import PREVIEWS, GenerateRequest

REQUEST_FILE = "request"
WHOLE_FILE = "whole.json"
MOVING_SEQ = 2
"""Number of the chunk of a scene that holds what moves at t = 0."""


def write_request(folder: Path, submit: Submit, *, free_bytes: int = 0) -> None:
    """Keep the request, on the disk for good once this returns.

    Raises:
        LivescapeError: ``disk_full`` or ``result_not_writable``.
    """
    write_frames(folder / REQUEST_FILE, encode(submit), free_bytes=free_bytes, durable=True)


def read_request(folder: Path) -> GenerateRequest:
    """Return the request of a job.

    Raises:
        LivescapeError: ``result_corrupt`` or the codes of the request's own checks.
    """
    message = _read_submit(folder)
    return GenerateRequest.from_parts(message.body, message.arrays)


def wants_previews(folder: Path) -> bool:
    """Return whether the client that sent the request of a job asked for previews.

    Raises:
        LivescapeError: ``result_corrupt``.
    """
    return _read_submit(folder).body.get(PREVIEWS) is True


def _read_submit(folder: Path) -> Submit:
    message = decode(readdress(read_frames(folder / REQUEST_FILE), parent="")).message
    if not isinstance(message, Submit):
        raise LivescapeError("result_corrupt", "The stored request is not a request.")
    return message


def write_whole(folder: Path, record: Mapping[str, Any]) -> None:
    """Note that the result is whole, with the ``record`` of its job.

    Raises:
        LivescapeError: ``disk_full`` or ``result_not_writable``.
    """
    with whole_file(folder / WHOLE_FILE, refusal=refusal) as partial:
        partial.write_text(json.dumps(record), encoding="utf-8")


def read_whole(folder: Path) -> dict[str, Any] | None:
    """Return what :func:`write_whole` has noted, None if the result is not whole."""
    try:
        return dict(json.loads((folder / WHOLE_FILE).read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError, RecursionError):
        return None


def _chunk_path(folder: Path, seq: int) -> Path:
    return folder / f"{seq:06d}.chunk"


class ResultWriter:
    """Writes the chunks of one job in order.

    Args:
        folder: The job's folder.
        job: Job id, repeated in every chunk.
        free_bytes: Disk space that the result must leave free.
    """

    def __init__(self, folder: Path, job: str, *, free_bytes: int = 0) -> None:
        self._folder = folder
        self._job = job
        self._free_bytes = free_bytes
        self._checksums = hashlib.sha256()
        self.count = 0
        self.size = 0

    @property
    def digest(self) -> str:
        """What tells this result from another one of the same job."""
        return self._checksums.hexdigest()[:32]

    def add(
        self,
        kind: str,
        index: int,
        meta: Mapping[str, Any],
        arrays: Mapping[str, NDArray[np.generic]],
    ) -> None:
        """Write the next chunk.

        Raises:
            LivescapeError: ``disk_full`` or ``result_not_writable``.
            ValueError: If an array has a dtype that cannot be sent.
        """
        chunk = Chunk(self._job, self.count, 0, kind, index, dict(meta), arrays)
        path = _chunk_path(self._folder, self.count)
        frames = encode(chunk, message_id=str(self.count))  # equal results are equal files
        size, checksum = write_frames(path, frames, free_bytes=self._free_bytes)
        self._checksums.update(checksum.to_bytes(4, "little"))
        self.size += size
        self.count += 1


def read_chunk(
    folder: Path, seq: int, total: int, parent: str = "", encoding: str = PLAIN
) -> list[Frame]:
    """Return the message with chunk ``seq`` of a result of ``total`` chunks, ready to be sent.

    Its arrays are views of the mapped file.

    Args:
        folder: The job's folder.
        seq: Number of the chunk.
        total: Number of all.
        parent: Id of the message that it answers.
        encoding: How it is packed; see :mod:`livescape_shared.packing`.

    Raises:
        LivescapeError: ``result_corrupt``.
    """
    path = _chunk_path(folder, seq)
    frames = read_frames(path)
    if peek_type(frames) != Chunk.type or peek_id(frames) != str(seq):
        raise LivescapeError("result_corrupt", f"The stored file {path.name} holds another chunk.")
    message = readdress(frames, parent=parent, total=total)
    if encoding == ZSTD_FLOAT16 and seq > MOVING_SEQ:
        message = _with_moves(folder, message)
    return message if encoding == PLAIN else pack_arrays(message)


def _with_moves(folder: Path, frames: list[Frame]) -> list[Frame]:
    """Return a frame of a scene with moves in place of its means, if it can be told so."""
    envelope = decode(frames)
    at_rest = decode(readdress(read_frames(_chunk_path(folder, MOVING_SEQ)), parent="")).message
    chunk = envelope.message
    if not isinstance(chunk, Chunk) or not isinstance(at_rest, Chunk) or at_rest.kind != "moving":
        return frames
    arrays = dict(chunk.arrays)
    means, origin = arrays.get("means"), at_rest.arrays.get("means")
    if means is None or origin is None:
        return frames
    told = moves(means.view(np.float32), origin.view(np.float32))
    if told is None:
        return frames
    del arrays["means"]
    moved = replace(chunk, arrays={"moves": told, **arrays})
    return encode(moved, message_id=envelope.id, parent=envelope.parent)
