"""Which of an OpenEXR file's channels are its picture."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.faults import Unreadable

Planes = dict[str, NDArray[Any]]

_NAMES: Final = {
    **dict.fromkeys(("r", "red"), "R"), **dict.fromkeys(("g", "green"), "G"),
    **dict.fromkeys(("b", "blue"), "B"), **dict.fromkeys(("a", "alpha"), "A"),
    "y": "Y", "ry": "RY", "by": "BY",
}  # fmt: skip
"""What programs call the channels of a picture, in lower case."""

_WHOLE: Final = ("combined", "beauty", "rgba", "rgb", "image", "composite", "color", "colour", "c")
"""Layers that show the scene as a whole, in lower case."""

_DEPTHS: Final = ("z", "depth")
_LUMA: Final = (0.2126, 0.7152, 0.0722)


def exr_picture(channels: Planes) -> NDArray[np.float32]:
    """Return the picture among channels, in OpenCV's order, with straight alpha.

    Channels without a layer come first, then layers that show the scene as a whole, such as
    ``ViewLayer.Combined``, then the first layer that has colours; grey where none has.

    Args:
        channels: From :func:`~livescape.imaging.exr.read_exr`.

    Raises:
        Unreadable: If there is none.
    """
    layers: dict[str, Planes] = {}
    for full, plane in channels.items():
        layer, _, channel = full.rpartition(".")
        if name := _NAMES.get(channel.lower()):
            layers.setdefault(layer, {}).setdefault(name, plane)
    for wanted in ("RGB", "Y"):
        having = [layer for layer in layers if set(wanted) <= set(layers[layer])]
        if having:
            return _picture(layers[min(having, key=_rank)], wanted)
    if len(channels) == 1:
        name, plane = next(iter(channels.items()))
        if not set(name.lower().split(".")) & set(_DEPTHS):
            return np.asarray(plane, dtype=np.float32)
    raise Unreadable(f"it holds no picture, only {', '.join(list(channels)[:8])}")


def _rank(layer: str) -> int:
    if not layer:
        return 0
    words = layer.lower().split(".")
    return next((1 + at for at, name in enumerate(_WHOLE) if name in words), len(_WHOLE) + 1)


def _picture(planes: Planes, wanted: str) -> NDArray[np.float32]:
    if wanted == "Y" and {"RY", "BY"} <= set(planes):
        planes = _of_chroma(planes)
        wanted = "RGB"
    alpha = planes.get("A")
    used = [planes[name] for name in wanted[::-1]] + ([] if alpha is None else [alpha])
    if len({plane.shape for plane in used}) > 1:
        raise Unreadable("its channels differ in size")
    picture = np.stack(used, axis=-1).astype(np.float32)
    return picture if alpha is None else _unassociated(picture)


def _of_chroma(planes: Planes) -> Planes:
    """Return R, G and B of luminance and of colour relative to it, which may be smaller."""
    luminance = planes["Y"].astype(np.float32)
    size = luminance.shape[::-1]
    red, blue = (
        (cv2.resize(planes[name].astype(np.float32), size, interpolation=cv2.INTER_LINEAR) + 1.0)
        * luminance
        for name in ("RY", "BY")
    )
    green = (luminance - _LUMA[0] * red - _LUMA[2] * blue) / _LUMA[1]
    return {**planes, "R": red, "G": green, "B": blue}


def _unassociated(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Divide colours by their alpha, with which OpenEXR stores them multiplied."""
    alpha = picture[..., -1:]
    colour = picture[..., :-1] / np.where(alpha > 0.0, alpha, 1.0)
    return np.concatenate([colour, alpha], axis=-1, dtype=np.float32)
