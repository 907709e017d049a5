"""Flow as other programs write it: arrays, Middlebury, KITTI, PFM, TIFF, OpenEXR's vectors."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livescape.imaging.decode import read_image
from livescape.imaging.exr import read_exr
from livescape.imaging.faults import Oversized, Unreadable
from livescape.imaging.float_files import read_floats
from livescape.imaging.headers import check_size
from livescape.imaging.kinds import file_kind
from livescape.imaging.numpy_files import plane, read_array
from livescape.imaging.tiff import first_directory
from livescape.imaging.tiff_stored import stored_pairs
from livescape_shared.errors import LivescapeError

Float32Array = NDArray[np.float32]

_HINT: Final = "Save it with numpy.save as a float array [height, width, 2] in pixels per frame."
_KITTI_ZERO, _KITTI_STEPS = 2**15, 64.0
_FAR: Final = 1e9
"""Pixels per frame beyond which Middlebury's files mean that nothing is known."""


def read_flow(data: bytes) -> Float32Array:
    """Read a flow in pixels per frame of its own size; x is to the right and y down.

    ``.npy`` or ``.npz`` (its only array, or ``flow``), ``.flo``, PFM and floating-point TIFF of two
    or three channels, PNG of KITTI, and of OpenEXR Blender's Vector pass or channels ``u`` and
    ``v``. What is not known stands.

    Returns:
        [h, w, 2].

    Raises:
        LivescapeError: ``flow_invalid``.
    """
    try:
        flow = _read(file_kind(data), data)
    except Oversized as fault:
        message = f"The flow has {fault}, which is too many."
        raise LivescapeError("flow_invalid", message, hint="Scale it down.") from fault
    except Unreadable as fault:
        message = f"The flow cannot be read: {fault}."
        raise LivescapeError("flow_invalid", message, hint=_HINT) from fault
    if flow.ndim == 3 and flow.shape[0] == 2 and flow.shape[2] != 2:
        flow = np.moveaxis(flow, 0, -1)
    if flow.ndim != 3 or flow.shape[2] != 2 or not flow.size:
        raise LivescapeError("flow_invalid", f"The flow has shape {flow.shape}.", hint=_HINT)
    with np.errstate(over="ignore"):
        flow = np.ascontiguousarray(flow, dtype=np.float32)
    if not np.isfinite(flow).all():
        message = "The flow has values that are not finite numbers."
        raise LivescapeError("flow_invalid", message, hint=_HINT)
    return flow


def _read(kind: str, data: bytes) -> NDArray[Any]:
    if kind in ("NumPy array", "NumPy archive"):
        return plane(read_array(data, "flow"), 3)
    if kind == "Middlebury flow":
        flow = read_floats(data, 2)
        return np.where(np.abs(flow) < _FAR, flow, np.float32(0.0))
    if kind == "OpenEXR":
        return _of_exr(read_exr(data))
    if kind == "TIFF":
        check_size(kind, data)
        pairs = stored_pairs(data, first_directory(data))
        if pairs is not None:
            return _of_picture(pairs)
    if kind in ("PFM", "TIFF", "PNG"):
        return _of_picture(read_image(data)[0])
    raise Unreadable(f"{kind} cannot be read as a flow" if kind else "it is no flow of any kind")


def _of_picture(pixels: NDArray[Any]) -> NDArray[Any]:
    if pixels.ndim == 3 and pixels.dtype.kind == "f" and pixels.shape[2] in (2, 3):
        return pixels if pixels.shape[2] == 2 else pixels[..., 2:0:-1]
    if pixels.ndim == 3 and pixels.dtype == np.uint16 and pixels.shape[2] == 3:
        flow = (pixels[..., 2:0:-1].astype(np.float32) - _KITTI_ZERO) / _KITTI_STEPS
        return np.where(pixels[..., :1] > 0, flow, np.float32(0.0))
    raise Unreadable("it is a picture, whose colours do not tell how far anything moves")


def _of_exr(channels: dict[str, NDArray[Any]]) -> NDArray[Any]:
    """Return the motion to the next frame; files count y upwards.

    Blender's Vector pass holds in Z and W where things are against where they will be.
    """
    by_name = {name.lower(): values for name, values in channels.items()}
    for name in by_name:
        layer, _, channel = name.rpartition(".")
        prefix = f"{layer}." if layer else ""
        if channel == "w" and layer.split(".")[-1] == "vector" and f"{prefix}z" in by_name:
            return np.stack([-by_name[f"{prefix}z"], by_name[name]], axis=-1)
        if channel == "u" and "backward" not in layer and f"{prefix}v" in by_name:
            return np.stack([by_name[name], -by_name[f"{prefix}v"]], axis=-1)
    raise Unreadable(f"none of its channels is a motion ({', '.join(list(channels)[:8])})")
