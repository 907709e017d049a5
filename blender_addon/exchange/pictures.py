"""WebP pictures decoded by Blender, which brings no Pillow."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray


def decode_by_blender(data: bytes) -> NDArray[np.uint8]:
    """Return the pixels [height, width, 4] of a WebP file as they are stored.

    Raises:
        ValueError: If Blender cannot decode it.
    """
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
    rows = np.rint(values * 255.0).astype(np.uint8).reshape(height, width, 4)
    return np.ascontiguousarray(rows[::-1])
