"""Depth from a user's file: what formats it may have, and how it is fitted to the photo."""

from __future__ import annotations

import logging
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livescape.depth.exr_channel import depth_channel
from livescape.depth.shell import sky_depth
from livescape.depth.types import DepthEstimate
from livescape.imaging.decode import read_image
from livescape.imaging.exr import read_exr
from livescape.imaging.faults import Oversized, Unreadable
from livescape.imaging.float_files import read_floats
from livescape.imaging.kinds import file_kind
from livescape.imaging.numpy_files import plane, read_array
from livescape.imaging.resampling import fill_unknown, resample_depth
from livescape.imaging.sides import MAX_SIDE, check_sides
from livescape_shared.errors import LivescapeError

LOGGER = logging.getLogger(__name__)

ASPECT_TOLERANCE: Final = 0.02
"""Largest relative difference in aspect between a depth map and its photograph."""

UNKNOWN_SHARE: Final = 0.5
"""Share of NaN above which a depth map is refused."""

BACKGROUND: Final = 1e5
"""Depth in metres above which a pixel is sky: renderers write 1e10 where they hit nothing."""

FILLED_CONFIDENCE: Final = 0.3

_IMAGES: Final = ("PNG", "TIFF", "PFM", "JPEG", "WebP", "PNM", "JPEG XL", "HEIC", "Radiance HDR")
_ARRAYS: Final = ("NumPy array", "NumPy archive")


def depth_from_map(
    values: NDArray[np.float32], size: tuple[int, int], horizon_row: float
) -> DepthEstimate:
    """Make a depth map fit a photograph.

    Args:
        values: [h, w] as :func:`read_depth_map` returns it.
        size: Height and width of the photograph in pixels.
        horizon_row: Row of the photograph's horizon, passed through.

    Returns:
        Depth with ``source="file"``.

    Raises:
        LivescapeError: ``depth_invalid`` or ``depth_size_mismatch``.
    """
    check_aspect(values.shape, size)
    unknown = np.isnan(values)
    sky = ~unknown & ((values <= 0.0) | (values >= BACKGROUND))
    if unknown.mean() > UNKNOWN_SHARE:
        raise unusable(f"{unknown.mean():.0%} of it is not a number")
    if not (~unknown & ~sky).any():
        raise unusable("no pixel has a positive depth")
    values = fill_unknown(np.where(sky, np.inf, values).astype(np.float32), unknown)
    values, filled = resample_depth(values, size), resample_depth(unknown.astype(np.float32), size)
    sky = np.isinf(values)
    values[sky] = sky_depth(values, sky)
    confidence = np.where(filled > 0.5, FILLED_CONFIDENCE, 1.0).astype(np.float32)
    return DepthEstimate(values, sky, confidence, horizon_row, source="file")


def read_depth_map(data: bytes, meaning: str = "auto") -> NDArray[np.float32]:
    """Read a depth map, [h, w] float32, as it stands in the file.

    The content determines the kind of file. ``.npy`` and ``.npz`` (its only array, or ``depth``),
    ``.tif``, ``.pfm``, ``.hdr`` and ``.exr`` (the channel that
    :func:`~livescape.depth.exr_channel.depth_channel` finds) hold metres, whole numbers of 16 bits
    centimetres, those of 8 bits shares of 255. Sky is 0, negative or infinite; unknown pixels are
    NaN.

    Args:
        data: The file.
        meaning: ``millimetres`` if it holds those; ``metres`` if whole numbers are metres.

    Raises:
        LivescapeError: ``depth_unreadable`` or ``depth_invalid``.
    """
    return in_metres(stored_depth(data), meaning)


def stored_depth(data: bytes) -> NDArray[Any]:
    """Return the numbers [h, w] of a depth map, of the file's own type.

    Raises:
        LivescapeError: ``depth_unreadable`` or ``depth_invalid``.
    """
    kind = file_kind(data)
    try:
        values = _read(kind, data)
    except Oversized as fault:
        raise unusable(f"it has {fault}, and no side may exceed {MAX_SIDE}") from fault
    except Unreadable as fault:
        raise _unreadable(str(fault)) from fault
    if values.ndim != 2 or min(values.shape) < 2:
        raise unusable(f"its shape is {values.shape}, not height x width")
    return values


def unit_remarks(values: NDArray[Any], meaning: str) -> tuple[str, ...]:
    """Return what to say of stored numbers whose unit was assumed."""
    if meaning != "auto" or values.dtype.kind == "f" or values.dtype.itemsize == 1:
        return ()
    return (
        "The depth map holds whole numbers, which count as centimetres unless the report says that "
        "they were read otherwise. If they are millimetres, choose that in the setting Depth "
        "Values.",
    )


def in_metres(values: NDArray[Any], meaning: str) -> NDArray[np.float32]:
    """Return stored numbers as metres; see :func:`read_depth_map`.

    Raises:
        LivescapeError: ``depth_invalid``.
    """
    divisor = _per_metre(values.dtype, meaning)
    with np.errstate(over="ignore", invalid="ignore"):  # what single precision cannot hold is sky
        return (values if divisor == 1.0 else values / divisor).astype(np.float32)


def _per_metre(dtype: np.dtype[Any], meaning: str) -> float:
    """Return by what numbers of a type are divided: a unit of length's, or the largest share."""
    if meaning == "millimetres":
        return 1000.0
    if np.issubdtype(dtype, np.floating) or meaning == "metres":
        return 1.0
    if dtype == np.uint8:
        return 255.0
    if dtype in (np.uint16, np.int16):
        return 100.0
    raise unusable(
        f"its values are {dtype}, whose unit is not known; the setting Depth Values can be "
        "millimetres or metres"
    )


def _read(kind: str, data: bytes) -> NDArray[Any]:
    if kind in _ARRAYS:
        values = plane(read_array(data, "depth"), 2)
        if values.ndim >= 2 and values.size:
            check_sides(values.shape[1], values.shape[0])
        return values
    if kind in _IMAGES:
        return _grey(read_image(data)[0])
    if kind == "Middlebury flow":
        return read_floats(data, 1)[..., 0]
    if kind == "OpenEXR":
        return depth_channel(read_exr(data))
    raise Unreadable(f"{kind} cannot be read as a depth map" if kind else "it is not a depth map")


def _grey(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return the one value of each pixel, whatever its transparency."""
    if pixels.ndim == 2:
        return pixels
    colour = pixels[..., : 1 if pixels.shape[2] < 3 else 3]
    if not (colour == colour[..., :1]).all():
        raise Unreadable("it shows depth in colours, which do not tell it")
    return colour[..., 0]


def check_aspect(shape: tuple[int, ...], size: tuple[int, int]) -> None:
    """Refuse a map of another shape than the photograph's.

    Raises:
        LivescapeError: ``depth_size_mismatch``.
    """
    ratio = (shape[1] / shape[0]) / (size[1] / size[0])
    if abs(ratio - 1.0) > ASPECT_TOLERANCE:
        raise LivescapeError(
            "depth_size_mismatch",
            f"The depth map is {shape[1]} x {shape[0]}, "
            f"which does not fit a photograph of {size[1]} x {size[0]}.",
            hint="Give a depth map of the whole photograph; it may have another resolution.",
            stage="depth",
        )


def _unreadable(reason: str) -> LivescapeError:
    return LivescapeError(
        "depth_unreadable",
        f"The depth map cannot be read: {reason}.",
        hint="Save it as .npy (float32 metres), .exr, or a 16-bit PNG in centimetres.",
        stage="depth",
    )


def unusable(reason: str) -> LivescapeError:
    """Return the error of a depth map that can be read but says too little."""
    return LivescapeError(
        "depth_invalid",
        f"The depth map cannot be used: {reason}.",
        hint="Give depth in metres along the viewing direction, with 0 or infinity for the sky.",
        stage="depth",
    )
