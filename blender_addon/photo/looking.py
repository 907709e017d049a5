"""Looking at a photo beside Blender: its size and lens, without holding the window up.

A picture of 24 megapixels takes Blender half a second to decode. That happens in a thread; what was
found is remembered for as long as the file stays as it is.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import imbuf

from livescape_shared.errors import LivescapeError
from livescape_shared.files import is_file
from livescape_shared.lens import cropped_focal

from ..bridge.errand import Errand
from ..paths import file_stamp, named_path
from ..redraw import redraw_panels
from .exif import HEADER_BYTES, read_exif

TICK_S = 0.05

_Key = tuple[str, int, int]


@dataclass(frozen=True)
class Look:
    """What was found.

    Attributes:
        size: Width and height the right way up; zeros if Blender cannot read the file.
        focal_35mm: Focal length in millimetres for a long side of 36 mm; 0 if the file is silent.
        orientation: 1 to 8, as Exif counts; Blender itself does not turn pictures.
    """

    size: tuple[int, int] = (0, 0)
    focal_35mm: float = 0.0
    orientation: int = 1


_found: dict[_Key, Look] = {}
_errands: dict[_Key, Errand[Look]] = {}


def look_at(path: Path) -> Look:
    """Decode a photo and return what was found; touches none of Blender's data."""
    try:
        picture = imbuf.load(str(path))
    except (OSError, RuntimeError, ValueError):
        return Look()
    width, height = picture.size
    picture.free()
    with suppress(OSError), path.open("rb") as stream:
        exif = read_exif(stream.read(HEADER_BYTES))
        size = (height, width) if exif.is_on_its_side else (width, height)
        focal = cropped_focal(exif.focal_35mm, exif.taken, (width, height))
        return Look(size, focal, exif.orientation)
    return Look()


def begin(path: Path) -> None:
    """Look at a photo in a thread; in background, where nothing waits, at once."""
    key = _key(path)
    if key is None or key in _errands:
        return
    if bpy.app.background and key not in _found:
        _found[key] = look_at(path)
    if key in _found:
        _tell(key)
        return
    _errands[key] = Errand(lambda: look_at(path))
    if not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=TICK_S)


def known(path: Path) -> Look | None:
    """Return what was found, None if the photo is missing or still being looked at.

    Changes nothing, so that a panel may ask.
    """
    key = _key(path)
    return _found.get(key) if key is not None else None


def waited_for(path: Path) -> Look:
    """Return what was found, however long that takes."""
    begin(path)
    key = _key(path)
    if key is None:
        return Look()
    while key in _errands:
        _take(key, TICK_S)
    return _found.get(key, Look())


def stop() -> None:
    """Forget everything; threads end by themselves."""
    _found.clear()
    _errands.clear()
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)


def _key(path: Path) -> _Key | None:
    stamp = file_stamp(path)
    return stamp if any(stamp[1:]) and is_file(path) else None


def _take(key: _Key, wait_s: float) -> bool:
    try:
        found = _errands[key].poll(wait_s)
    except LivescapeError:
        found = Look()  # a fault, which the log tells: no picture to Blender
    if found is None:
        return False
    _found[key] = found
    del _errands[key]
    _tell(key)
    return True


def _tell(key: _Key) -> None:
    """Let the scenes that have this photo know its size."""
    for scene in bpy.data.scenes:
        group: Any = getattr(scene, "livescape", None)
        if group is None or scene.library is not None or not group.photo:
            continue
        size = _found[key].size
        if str(named_path(group.photo)) == key[0] and tuple(group.photo_size) != size:
            group.photo_size = size


def _tick() -> float | None:
    taken = [key for key in list(_errands) if _take(key, 0.0)]
    if taken:
        redraw_panels()
    return TICK_S if _errands else None
