"""The first directory of a TIFF, by itself: Pillow opens fewer kinds of pixels than OpenCV."""

from __future__ import annotations

import io
import warnings

from PIL import TiffImagePlugin


def first_directory(data: bytes) -> TiffImagePlugin.ImageFileDirectory_v2:
    """Return the tags of a file's first picture; raises whatever Pillow does on damaged ones."""
    stream = io.BytesIO(data)
    big = data[2:4] in (b"+\0", b"\0+")
    directory = TiffImagePlugin.ImageFileDirectory_v2(stream.read(16 if big else 8))
    stream.seek(directory.next)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        directory.load(stream)
    return directory
