"""WebP pictures decoded by Blender, which brings no Pillow."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray


def decode_by_blender(
    data: bytes, on_main: Callable[..., Any] = lambda work, *given: work(*given)
) -> NDArray[np.uint8]:
    """Return the pixels [height, width, 4] of a WebP file as they are stored.

    Args:
        data: The file.
        on_main: Calls a function in Blender's own thread, which is held up as shortly as can be.

    Raises:
        ValueError: If Blender cannot decode it.
    """
    values: NDArray[np.float32] = on_main(_as_blender_holds_it, data)
    return np.ascontiguousarray(np.rint(values[::-1] * np.float32(255.0)).astype(np.uint8))


def _as_blender_holds_it(data: bytes) -> NDArray[np.float32]:
    """Return [height, width, 4] shares 0..1, the lowest row first."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.webp"
        path.write_bytes(data)
        image = None
        try:
            image = bpy.data.images.load(str(path))
            image.colorspace_settings.is_data = True
            image.alpha_mode = "CHANNEL_PACKED"  # otherwise colours of the transparent are lost
            width, height = image.size
            values = np.empty(4 * width * height, dtype=np.float32)
            pixels: Any = image.pixels  # an array, which the stubs take for a number
            pixels.foreach_get(values)
        except (RuntimeError, TypeError) as error:
            raise ValueError(str(error)) from error
        finally:
            if image is not None:
                bpy.data.images.remove(image)
    if not values.size:
        message = "Blender finds no pixels in it"
        raise ValueError(message)
    return values.reshape(height, width, 4)
