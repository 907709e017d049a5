"""Pictures that Blender opens and the backend does not are handed over as Blender shows them."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np

from livescape_shared.errors import LivescapeError

from ..paths import file_stamp

_STARTS: Final = (b"SDPX", b"XPDS", b"\x80\x2a\x5f\xd7", b"8BPS", b"DDS ")
"""How files of DPX, Cineon, Photoshop and DirectDraw Surface begin: all that only Blender reads."""

_made: dict[tuple[str, int, int], Path] = {}
"""Copies by the file that they are of; they lie in the folder that Blender empties when it ends."""


def readable(path: Path) -> Path:
    """Return a picture that the backend reads: ``path`` itself, or a copy by Blender.

    What Blender holds in linear light becomes PFM, everything else PNG. Touches Blender's data,
    so it must be called in the main thread; a file is converted once.

    Raises:
        LivescapeError: ``photo_unreadable``.
    """
    start = b""
    with suppress(OSError), path.open("rb") as stream:
        start = stream.read(4)
    if start not in _STARTS:
        return path
    stamp = file_stamp(path)
    made = _made.get(stamp)
    if made is None or not made.is_file():
        made = _made[stamp] = _copied(path, hashlib.sha256(repr(stamp).encode()).hexdigest()[:12])
    return made


def _copied(path: Path, name: str) -> Path:
    image: Any = None
    try:
        image = bpy.data.images.load(str(path))
        width, height = image.size
        values = np.empty(4 * width * height, dtype=np.float32)
        image.pixels.foreach_get(values)
        if not values.size:
            raise _no_pixels(path)
        target = Path(bpy.app.tempdir) / f"livescape_{name}"
        if image.is_float or "linear" in image.colorspace_settings.name.lower():
            colors = values.reshape(-1, 4)[:, :3].astype("<f4")  # from the foot up, as PFM's are
            target.write_bytes(b"PF\n%d %d\n-1.0\n" % (width, height) + colors.tobytes())
        else:
            image.file_format, image.filepath_raw = "PNG", str(target)
            image.save()
    except (OSError, RuntimeError, TypeError) as error:
        raise _no_pixels(path) from error
    finally:
        if image is not None:
            bpy.data.images.remove(image)
    return target


def _no_pixels(path: Path) -> LivescapeError:
    return LivescapeError(
        "photo_unreadable",
        f"The picture {path.name} cannot be read: Blender finds no pixels in it.",
        hint="Save it as PNG, TIFF or OpenEXR.",
    )
