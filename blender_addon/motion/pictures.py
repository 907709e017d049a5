"""Pictures within annotations, which Blender itself reads."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from livescape_shared.annotation_files.invalid import invalid
from livescape_shared.limits import PHOTO_MAX_SIDE


def picture_mask(data: bytes) -> NDArray[np.bool_]:
    """Return where [h, w], top row first, a picture is not black.

    Args:
        data: A file of any kind of picture.

    Raises:
        LivescapeError: ``annotation_invalid``.
    """
    image: Any = bpy.data.images.new("Annotation", 1, 1)
    try:
        image.pack(data=data, data_len=len(data))
        image.source = "FILE"
        image.colorspace_settings.name = "Non-Color"
        width, height = image.size
        if min(width, height) == 0 or max(width, height) > PHOTO_MAX_SIDE:
            raise invalid("The mask of a shape is no picture that Blender can read.")
        pixels = np.empty(width * height * image.channels, np.float32)
        image.pixels.foreach_get(pixels)
        colors = pixels.reshape(height, width, image.channels)[::-1]
        return np.asarray((colors[..., : max(1, min(3, image.channels))] > 0).any(axis=-1))
    finally:
        bpy.data.images.remove(image)
