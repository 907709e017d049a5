"""Arrays out of .npy and .npz files, which never take more memory than the file itself says."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterator, Sequence
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from livescape.imaging.faults import Oversized, Unreadable, decoding
from livescape.imaging.sides import MAX_SIDE

_MOST_BYTES: Final = MAX_SIDE * MAX_SIDE * 2 * 8  # a flow of the largest size, in double precision
_STEP: Final = 2**22
_CUT_OFF: Final = "it is cut off: its header asks for more than the file holds"
_NUMBERS: Final = "fiu"
_OR_TRUTH: Final = _NUMBERS + "b"


def read_array(data: bytes, name: str, *, or_truth: bool = False) -> NDArray[Any]:
    """Read the array of a .npy file, or that called ``name`` of a .npz file.

    Args:
        data: The file.
        name: Which array an archive is asked for; one that holds a single array gives that, and one
            that holds a single array whose name contains this gives that one.
        or_truth: Whether its values may be true and false instead of numbers.

    Returns:
        A new array of floating-point or integer numbers, of any shape.

    Raises:
        Oversized: If it holds more than the largest image could need.
        Unreadable: If the file is damaged, or holds anything but numbers.
    """
    kinds = _OR_TRUTH if or_truth else _NUMBERS
    with decoding("it is not a NumPy file, or is damaged"):
        if not data.startswith(b"PK"):
            return _read_npy(io.BytesIO(data), len(data), kinds)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entry = _entry(archive, name)
            if entry.file_size > _MOST_BYTES + len(data):
                raise Oversized(f"{entry.file_size} bytes")
            with archive.open(entry) as stream:
                return _read_npy(stream, entry.file_size, kinds)


def read_arrays(data: bytes, names: Sequence[str]) -> Iterator[NDArray[Any]]:
    """Yield the first array of a .npz that has one of ``names``, or all of them, one at a time.

    Their values may be true and false instead of numbers.

    Raises:
        Oversized: If one holds more than the largest image could need.
        Unreadable: If the file is damaged, or an array holds anything but numbers.
    """
    with decoding("it is not a NumPy file, or is damaged"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = {each.filename.removesuffix(".npy"): each for each in archive.infolist()}
        found = [name for name in names if name in entries][:1]
    for name in found or list(entries):
        yield read_array(data, name, or_truth=True)


def plane(array: NDArray[Any], axes: int) -> NDArray[Any]:
    """Return an array of ``axes`` dimensions without those of length 1 that a batch leaves."""
    extra = array.ndim - axes
    single = [axis for axis, length in enumerate(array.shape) if length == 1][: max(0, extra)]
    return array.squeeze(tuple(single)) if len(single) == extra > 0 else array


def _entry(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    entries = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
    if name in entries:
        return entries[name]
    if len(entries) == 1:
        return next(iter(entries.values()))
    alike = [entry for key, entry in entries.items() if name in key.lower()]
    if len(alike) == 1:
        return alike[0]
    if any(key.endswith("data.pkl") for key in entries):
        raise Unreadable("it is a file of PyTorch, and opening it could run code")
    held = ", ".join(sorted(entries)[:8])
    raise Unreadable(f"it holds {held or 'nothing'}, and no array named {name}")


def _read_npy(stream: IO[bytes], size: int, kinds: str) -> NDArray[Any]:
    """Read an array of a stream of ``size`` bytes; nothing is allocated before the header fits."""
    version = np.lib.format.read_magic(stream)
    header = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    shape, by_column, dtype = header(stream)
    if dtype.kind not in kinds:
        if dtype.kind == "O":
            raise Unreadable(
                "it holds Python objects, not numbers, and opening them could run code"
            )
        raise Unreadable(f"its values are {dtype}, not numbers")
    wanted = math.prod(shape) * dtype.itemsize
    if any(side < 0 for side in shape) or wanted > size:
        raise Unreadable(_CUT_OFF)
    if wanted > _MOST_BYTES:
        raise Oversized(" x ".join(map(str, shape)) + " values")
    values = _read_bytes(stream, wanted).view(dtype)
    return values.reshape(shape[::-1]).T if by_column else values.reshape(shape)


def _read_bytes(stream: IO[bytes], wanted: int) -> NDArray[np.uint8]:
    """Read so many bytes, piece by piece: an archive would hold them twice."""
    content, at = np.empty(wanted, np.uint8), 0
    while at < wanted:
        part = stream.read(min(_STEP, wanted - at))
        if not part:
            raise Unreadable(_CUT_OFF)
        content[at : at + len(part)] = np.frombuffer(part, np.uint8)
        at += len(part)
    return content
