"""Depth from a file of the user's: what it may look like, and how it is made to fit."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.depth.shell import sky_depth
from livescape.depth.types import DepthEstimate
from livescape.imaging.resampling import fill_unknown, resample_depth
from livescape_shared.errors import LivescapeError

LOGGER = logging.getLogger(__name__)

FORMATS: Final = (".npy", ".png", ".tif", ".tiff", ".pfm", ".exr")

ASPECT_TOLERANCE: Final = 0.02
"""Largest relative difference in aspect between a depth map and its photograph."""

UNKNOWN_SHARE: Final = 0.5
"""Share of NaN above which a depth map is refused."""

BACKGROUND: Final = 1e5
"""Depth in metres from which on a pixel is sky: renderers write 1e10 where they hit nothing."""

FILLED_CONFIDENCE: Final = 0.3


def read_depth_map(data: bytes) -> NDArray[np.float32]:
    """Read a depth map in metres."""
    import tempfile

    suffix = ".npy" if data[:6] == b"\x93NUMPY" else ".png" if data[:4] == b"\x89PNG" else ".pfm"
    if data[:2] in (b"II", b"MM"):
        suffix = ".tif"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"depth{suffix}"
        path.write_bytes(data)
        return read_depth(path)


def depth_from_map(
    values: NDArray[np.float32], size: tuple[int, int], horizon_row: float
) -> DepthEstimate:
    """Make a depth map fit a photograph.

    Args:
        values: [h, w] metres, as :func:`read_depth_map` returns them.
        size: Height and width of the photograph in pixels.
        horizon_row: Row of the photograph's horizon, passed through.

    Returns:
        Depth with ``source="file"``.

    Raises:
        LivescapeError: ``depth_invalid`` or ``depth_size_mismatch``.
    """
    path = Path("depth")
    _check_aspect(values.shape, size, path)
    unknown = np.isnan(values)
    sky = ~unknown & ((values <= 0.0) | (values >= BACKGROUND))
    if unknown.mean() > UNKNOWN_SHARE:
        raise _invalid(path, f"{unknown.mean():.0%} of it is not a number")
    if not (~unknown & ~sky).any():
        raise _invalid(path, "no pixel has a positive depth")
    values = fill_unknown(np.where(sky, np.inf, values).astype(np.float32), unknown)
    values, filled = resample_depth(values, size), resample_depth(unknown.astype(np.float32), size)
    sky = np.isinf(values)
    values[sky] = sky_depth(values, sky)
    confidence = np.where(filled > 0.5, FILLED_CONFIDENCE, 1.0).astype(np.float32)
    return DepthEstimate(values, sky, confidence, horizon_row, source="file")


def read_depth(path: Path) -> NDArray[np.float32]:
    """Read a depth map in metres, [h, w] float32, as it stands in the file.

    ``.npy`` holds [h, w] numbers in metres, ``.png`` 16-bit centimetres, the others 32-bit or
    16-bit floats in metres. Sky is 0, negative or infinite; unknown pixels are NaN.

    Raises:
        LivescapeError: ``depth_unreadable`` or ``depth_invalid``.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise _unreadable(path, f"{suffix or 'no suffix'} is not one of {', '.join(FORMATS)}")
    if not path.is_file():
        raise _unreadable(path, "there is no such file")
    values = _read_npy(path) if suffix == ".npy" else _read_image(path)
    if values.ndim == 3 and (values == values[..., :1]).all():
        values = values[..., 0]
    if values.ndim != 2 or min(values.shape) < 2:
        raise _invalid(path, f"its shape is {values.shape}, not height x width")
    if suffix == ".png":
        if values.dtype != np.uint16:
            raise _invalid(path, "an 8-bit PNG has too few steps for depth")
        return values.astype(np.float32) / 100.0
    if not np.issubdtype(values.dtype, np.floating):
        raise _invalid(path, f"its values are {values.dtype}, not floating point")
    return values.astype(np.float32)


def _read_npy(path: Path) -> NDArray[np.generic]:
    try:
        # Mapped, so that a damaged header cannot ask for more memory than the file has bytes.
        return np.array(np.load(path, mmap_mode="r", allow_pickle=False))
    except (ValueError, OSError, EOFError, SyntaxError) as error:
        raise _unreadable(path, "it is not a NumPy array") from error


def _read_image(path: Path) -> NDArray[np.generic]:
    try:
        values = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise _unreadable(path, "this OpenCV cannot decode it") from error
    if values is None:
        raise _unreadable(path, "this OpenCV cannot decode it")
    return np.asarray(values)


def _check_aspect(shape: tuple[int, ...], size: tuple[int, int], path: Path) -> None:
    ratio = (shape[1] / shape[0]) / (size[1] / size[0])
    if abs(ratio - 1.0) > ASPECT_TOLERANCE:
        raise LivescapeError(
            "depth_size_mismatch",
            f"The depth map {path.name} is {shape[1]} x {shape[0]}, "
            f"which does not fit a photograph of {size[1]} x {size[0]}.",
            hint="Give a depth map of the whole photograph; its resolution may differ.",
            stage="depth",
        )


def _unreadable(path: Path, reason: str) -> LivescapeError:
    return LivescapeError(
        "depth_unreadable",
        f"The depth map {path.name} cannot be read: {reason}.",
        hint="Save it as .npy (float32 metres) or as a 16-bit PNG in centimetres.",
        stage="depth",
    )


def _invalid(path: Path, reason: str) -> LivescapeError:
    return LivescapeError(
        "depth_invalid",
        f"The depth map {path.name} cannot be used: {reason}.",
        hint="Depth is in metres along the view direction; sky is 0 or infinite.",
        stage="depth",
    )
