"""The frames of one message in one file, written completely or not at all, with a checksum.

Layout, little-endian: magic, number of frames (u32), length of each (u64), the frames, CRC-32 of
everything before it (u32).
"""

from __future__ import annotations

import mmap
import shutil
import struct
from collections.abc import Sequence
from pathlib import Path

from livescape_shared.errors import LivescapeError
from livescape_shared.files import NO_SPACE, whole_stream

try:  # the same checksum, many times as fast; not built for every machine
    from isal.isal_zlib import crc32
except ImportError:
    from zlib import crc32

MAGIC = b"LVSF"
MAX_FRAMES = 128

Frame = bytes | memoryview


def disk_full(folder: Path) -> LivescapeError:
    """Return the error for a disk without room for what the server keeps."""
    return LivescapeError(
        "disk_full",
        f"There is no room left on the disk of {folder}.",
        hint="Free some space, or choose a folder on another disk with --state-dir.",
        retryable=True,
    )


def refusal(path: Path, error: OSError) -> LivescapeError:
    """Return the error that a file system's ``error`` means for a file of a job."""
    if error.errno in NO_SPACE:
        return disk_full(path.parent)
    return LivescapeError(
        "result_not_writable",
        f"The server cannot write to {path.parent}: {error.strerror or error}.",
        hint="Choose another folder with --state-dir.",
    )


def write_frames(
    path: Path, frames: Sequence[Frame], *, free_bytes: int = 0, durable: bool = False
) -> tuple[int, int]:
    """Write ``frames`` to ``path`` and return the size of the file and its checksum.

    Args:
        path: The file; appears only once it is complete.
        frames: Its content.
        free_bytes: Disk space that must remain free afterwards.
        durable: Whether the file must survive a power failure that follows at once.

    Raises:
        LivescapeError: ``disk_full`` or ``result_not_writable``.
    """
    head = MAGIC + struct.pack("<I", len(frames))
    head += b"".join(struct.pack("<Q", len(frame)) for frame in frames)
    size = len(head) + sum(len(frame) for frame in frames) + 4
    checksum = 0
    with whole_stream(path, durable=durable, refusal=refusal) as stream:
        if shutil.disk_usage(path.parent).free < size + free_bytes:
            raise disk_full(path.parent)
        for part in (head, *frames):
            stream.write(part)
            checksum = crc32(part, checksum)
        stream.write(struct.pack("<I", checksum))
    return size, checksum


def _corrupt(path: Path, what: str) -> LivescapeError:
    return LivescapeError(
        "result_corrupt",
        f"The stored file {path.name} is damaged: {what}.",
        hint="Generate the scene again.",
        retryable=True,
    )


def read_frames(path: Path) -> list[memoryview]:
    """Return the frames of ``path``, checked; they are read-only views of the mapped file.

    They stay as they are when the file is replaced or removed.

    Raises:
        LivescapeError: ``result_corrupt``; the message says what was found.
    """
    try:
        with path.open("rb", buffering=0) as stream:
            data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise _corrupt(path, error.strerror or "it cannot be opened") from error
    except ValueError as error:  # what is empty cannot be mapped
        raise _corrupt(path, "it is empty") from error
    if data[:4] != MAGIC or len(data) < 12:
        raise _corrupt(path, "its header is wrong")
    (count,) = struct.unpack_from("<I", data, 4)
    offset = 8 + 8 * count
    if count > MAX_FRAMES or len(data) < offset + 4:
        raise _corrupt(path, f"it announces {count} frames")
    lengths = struct.unpack_from(f"<{count}Q", data, 8)
    if len(data) != offset + sum(lengths) + 4:
        raise _corrupt(path, f"it has {len(data)} of {offset + sum(lengths) + 4} bytes")
    view = memoryview(data)
    if struct.unpack_from("<I", data, len(data) - 4)[0] != crc32(view[:-4]):
        raise _corrupt(path, "its checksum differs")
    frames = []
    for length in lengths:
        frames.append(view[offset : offset + length])
        offset += length
    return frames
