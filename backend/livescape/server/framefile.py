"""The frames of one message in one file, written completely or not at all, with a checksum.

Layout, little-endian: magic, number of frames (u32), length of each (u64), the frames, CRC-32 of
everything before it (u32).
"""

from __future__ import annotations

import itertools
import mmap
import shutil
import struct
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from livescape.server.mapped import let_go, map_or_read
from livescape_shared.errors import LivescapeError
from livescape_shared.files import NO_SPACE, whole_stream

try:  # the same checksum, many times as fast; not built for every machine
    from isal.isal_zlib import crc32
except ImportError:
    from zlib import crc32

MAGIC = b"LVSF"
MAX_FRAMES = 128

CHECKED_FILES = 2**11
"""Files of which it is remembered that they are whole."""

Frame = bytes | memoryview

_checked: OrderedDict[tuple[int, ...], None] = OrderedDict()


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
    """Return the frames of ``path``, checked; they are read-only, and mapped where that is safe.

    They stay as they are when the file is replaced or removed. The checksum of a file is computed
    once for as long as the file stays the same.

    Raises:
        LivescapeError: ``result_corrupt``; the message says what was found.
    """
    try:
        with path.open("rb", buffering=0) as stream:
            data, status = map_or_read(stream)
    except OSError as error:
        raise _corrupt(path, error.strerror or "it cannot be read") from error
    except ValueError as error:
        raise _corrupt(path, "it is empty") from error
    view = memoryview(data)
    known = (status.st_dev, status.st_ino, len(data), status.st_mtime_ns, status.st_ctime_ns)
    try:
        lengths = _read_lengths(path, view)
        if known not in _checked or not isinstance(data, mmap.mmap):
            if struct.unpack_from("<I", data, len(data) - 4)[0] != crc32(view[:-4]):
                raise _corrupt(path, "its checksum differs")
            _remember(known)
    except LivescapeError:
        view.release()  # whoever keeps the error does not keep the file
        let_go(data)
        raise
    ends = itertools.accumulate(lengths, initial=8 + 8 * len(lengths))
    return [view[start:end] for start, end in itertools.pairwise(ends)]


def _read_lengths(path: Path, view: memoryview) -> tuple[int, ...]:
    """Return the lengths of the frames in a file that has the bytes for them."""
    if view[:4] != MAGIC or len(view) < 12:
        raise _corrupt(path, "its header is wrong")
    (count,) = struct.unpack_from("<I", view, 4)
    offset = 8 + 8 * count
    if count > MAX_FRAMES or len(view) < offset + 4:
        raise _corrupt(path, f"it announces {count} frames")
    lengths = struct.unpack_from(f"<{count}Q", view, 8)
    if len(view) != offset + sum(lengths) + 4:
        raise _corrupt(path, f"it has {len(view)} of {offset + sum(lengths) + 4} bytes")
    return lengths


def _remember(file: tuple[int, ...]) -> None:
    """Note that a file is whole; of too many, those that were noted first are checked again."""
    _checked[file] = None
    while len(_checked) > CHECKED_FILES:
        _checked.popitem(last=False)
