"""OpenEXR files: all channels, of possibly many layers and parts."""

from __future__ import annotations

import errno
import io
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import OpenEXR
from numpy.typing import NDArray

from livescape.imaging.faults import Oversized, Unreadable, decoding
from livescape.imaging.sides import check_sides
from livescape_shared.files import whole_file

_MOST_BYTES: Final = 2 << 30
"""Of all channels together, since they are decoded together."""

_BYTES: Final = 4  # of a value; half has two

_MOST_HALF: Final = float(np.finfo(np.float16).max)

_FLAT: Final = (OpenEXR.scanlineimage, OpenEXR.tiledimage)


def read_exr(data: bytes) -> dict[str, NDArray[Any]]:
    """Read all channels of an EXR file: scan lines or tiles, one part or several.

    Returns:
        Half, float or unsigned values [H, W] in the file's order, by full name: part, layers and
        channel with dots between, such as ``ViewLayer.Depth.Z``. Each covers the display window;
        what lies outside the data window is NaN, or 0 in an unsigned channel. A subsampled
        channel is as much smaller.

    Raises:
        Oversized: Before anything is decoded.
        Unreadable: If the file is damaged or holds deep samples.
    """
    with decoding("it is damaged or cut off"):
        announced = _check_header(OpenEXR.File(io.BytesIO(data), header_only=True, num_threads=0))
        file = OpenEXR.File(io.BytesIO(data), separate_channels=True, num_threads=0)
        if sum(len(part.channels) for part in file.parts) < announced:
            raise Unreadable("it is damaged or cut off")  # the library leaves such parts out
        channels: dict[str, NDArray[Any]] = {}
        for part in file.parts:
            prefix = f"{part.name()}." if len(file.parts) > 1 and part.name() else ""
            for name, channel in part.channels.items():
                windows = part.header["dataWindow"], part.header["displayWindow"]
                steps = channel.ySampling, channel.xSampling
                channels.setdefault(prefix + name, _placed(channel.pixels, *windows, steps))
    return channels


def exr_chromaticities(
    data: bytes,
) -> tuple[float, float, float, float, float, float, float, float] | None:
    """Return x and y of red, green, blue and white, if the file's header names them."""
    with suppress(Unreadable), decoding("its header is damaged"):
        header = OpenEXR.File(io.BytesIO(data), header_only=True, num_threads=0).parts[0].header
        values = np.ravel(np.asarray(header["chromaticities"], dtype=np.float64)).tolist()
        if len(values) == 8:
            return (*values,)  # type: ignore[return-value]
    return None


def exr_size(data: bytes) -> tuple[int, int]:
    """Return the width and height of the first part's display window."""
    header = OpenEXR.File(io.BytesIO(data), header_only=True, num_threads=0).parts[0].header
    rows, columns = _extent(header["displayWindow"])
    return columns, rows


def write_exr(path: Path, light: NDArray[np.float32]) -> None:
    """Write linear light [H, W, 3] of sRGB's primaries as half floats.

    Raises:
        LivescapeError: ``disk_full`` or ``output_not_writable``.
    """
    half = np.clip(light, 0.0, _MOST_HALF).astype(np.float16)
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    planes = {name: np.ascontiguousarray(half[..., index]) for index, name in enumerate("RGB")}
    with whole_file(path) as partial:
        try:
            OpenEXR.File(header, planes).write(str(partial))
        except RuntimeError as error:  # as of a full disk
            raise OSError(errno.EIO, str(error)) from error


def _check_header(file: Any) -> int:
    """Return how many channels a file has; refuse what is too large or not flat."""
    total, count = 0, 0
    for part in file.parts:
        if part.type() not in _FLAT:
            raise Unreadable("it holds deep samples; save a flat image instead")
        for window in ("dataWindow", "displayWindow"):
            rows, columns = _extent(part.header[window])
            check_sides(columns, rows)
        rows, columns = _extent(part.header["dataWindow"])
        if (tile := part.header.get("tiles")) is not None:  # one is decoded whole, however large
            check_sides(tile.xSize, tile.ySize)
            rows, columns = max(rows, tile.ySize), max(columns, tile.xSize)
        total += rows * columns * _BYTES * len(part.header["channels"])
        count += len(part.header["channels"])
    if total > _MOST_BYTES:
        raise Oversized(f"{total >> 20} MiB of channels")
    return count


def _extent(window: Any) -> tuple[int, int]:
    """Return the rows and columns of a window ((left, top), (right, bottom)), ends included."""
    low, high = (np.asarray(corner, dtype=np.int64) for corner in window)
    columns, rows = (high - low + 1).tolist()
    return rows, columns


def _placed(
    pixels: NDArray[Any], data_window: Any, display_window: Any, steps: tuple[int, int]
) -> NDArray[Any]:
    """Return ``pixels`` of the data window laid into the display window."""
    low, _ = data_window
    origin, _ = display_window
    left, top = (np.asarray(low) - np.asarray(origin)).tolist()
    rows, columns = (
        -(-side // step) for side, step in zip(_extent(display_window), steps, strict=True)
    )
    top, left = top // steps[0], left // steps[1]
    if (top, left) == (0, 0) and pixels.shape == (rows, columns):
        return pixels
    unknown = np.nan if np.issubdtype(pixels.dtype, np.floating) else 0
    placed = np.full((rows, columns), unknown, pixels.dtype)
    inside = pixels[max(0, -top) : rows - top, max(0, -left) : columns - left]
    if inside.size:
        top, left = max(0, top), max(0, left)
        placed[top : top + inside.shape[0], left : left + inside.shape[1]] = inside
    return placed
