"""Which channel of an OpenEXR file holds depth."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livescape.imaging.faults import Unreadable

_DEPTH_NAMES: Final = ("depth", "z", "zdepth")
_LISTED: Final = 12


def depth_channel(channels: dict[str, NDArray[Any]]) -> NDArray[np.floating]:
    """Return the depth [H, W] of a file's ``channels``, as floating-point numbers.

    It is the first channel, in this order and then in that of the file,

    1. of a layer called Depth, Z or ZDepth: ``ViewLayer.Depth.Z`` and ``Depth.V``, as Blender
       writes them, ``Depth.R``;
    2. with such a name itself: ``Z``, ``left.Z``, ``Depth``, but no component of a vector, such
       as ``ViewLayer.Normal.Z``, nor a pass such as ``ViewLayer.Mist.Z``;
    3. of a file that holds nothing else, alpha aside, or the same in each of R, G and B.

    Upper and lower case are treated alike.

    Raises:
        Unreadable: If none fits; the message names what is there.
    """
    found = _layer_of_depth(channels) or _channel_of_depth(channels) or _only_values(channels)
    if found is None:
        names = ", ".join(list(channels)[:_LISTED]) + (", ..." if len(channels) > _LISTED else "")
        raise Unreadable(f"none of its channels is depth ({names or 'it has none'})")
    values = channels[found]
    return values if np.issubdtype(values.dtype, np.floating) else values.astype(np.float32)


def _layer_of_depth(channels: dict[str, NDArray[Any]]) -> str | None:
    layers = ((name, _parts(name)[:-1]) for name in channels)
    depth = [name for name, layer in layers if layer and layer[-1] in _DEPTH_NAMES]
    # Of a colour, B comes first in a file and A is no depth.
    return next((name for name in depth if _parts(name)[-1] != "a"), None)


def _channel_of_depth(channels: dict[str, NDArray[Any]]) -> str | None:
    known = {tuple(_parts(name)) for name in channels}
    for name in channels:
        *layer, last = _parts(name)
        of_vector = last == "z" and (*layer, "x") in known
        of_pass = "mist" in layer
        if last in _DEPTH_NAMES and not of_vector and not of_pass:
            return name
    return None


def _only_values(channels: dict[str, NDArray[Any]]) -> str | None:
    names = [name for name in channels if _parts(name)[-1] not in ("a", "alpha")]
    if not names:
        return None
    first = channels[names[0]]
    grey = len(names) == 1 or sorted(_parts(name)[-1] for name in names) == ["b", "g", "r"]
    same = all(np.array_equal(channels[name], first, equal_nan=True) for name in names[1:])
    return names[0] if grey and same else None


def _parts(name: str) -> list[str]:
    return name.lower().split(".")
