"""Which program wrote an annotation, told by its content; reading all of them."""

from __future__ import annotations

import json
from typing import Any

from livescape_shared.annotation import Annotation
from livescape_shared.json_size import MOST_BYTES, memory_of
from livescape_shared.sizes import size_text
from livescape_shared.unicode_text import unicode_text

from . import coco, labelme, segments
from .invalid import invalid
from .labelme import Picture

_STARTS = ("{", "[")


def is_json(data: bytes) -> bool:
    """Return whether a file may be JSON: no picture begins as it does."""
    return unicode_text(data[:64], "replace").lstrip().startswith(_STARTS)


def read_annotation(
    data: bytes,
    photo: tuple[int, int] | None = None,
    picture: Picture | None = None,
    *,
    as_mask: bool = False,
) -> Annotation:
    """Read what was drawn or segmented on a photo, as labelme, COCO or SAM have it.

    What labels mean is in :mod:`.labels`; other labels are ignored. A hint that starts outside the
    image is dropped with a warning. Hints of one ``group_id`` are parts of one stroke. The flag
    ``guess`` is :attr:`Annotation.guesses_rest`.

    Args:
        data: The file.
        photo: Width and height of the photo, for files that do not state them.
        picture: Decodes the masks of labelme; without it, they are refused.
        as_mask: Whether the file is there to say what moves: if its labels say nothing, and all
            are the same, it means what they cover.

    Raises:
        LivescapeError: ``annotation_invalid``; ``annotation_empty`` if it says nothing;
            ``hints_outside`` if every hint starts outside the image.
    """
    try:
        return _read(parsed(data), photo, picture, as_mask=as_mask)
    except RecursionError as error:
        raise invalid("The annotation is nested far too deeply.") from error


def _read(
    values: Any, photo: tuple[int, int] | None, picture: Picture | None, *, as_mask: bool
) -> Annotation:
    if labelme.is_labelme(values):
        return labelme.read(values, photo, picture, as_mask=as_mask)
    if coco.is_coco(values):
        return coco.read(values, photo, as_mask=as_mask)
    masks = segments.masks_in(values)
    if masks is not None:
        return segments.read(values, masks, photo, as_mask=as_mask)
    raise invalid("The annotation is none of the kinds that are known: labelme, COCO or SAM.")


def parsed(data: bytes) -> Any:
    """Return the values of a JSON file, whose text may be of an old code page.

    Raises:
        LivescapeError: ``annotation_invalid``.
    """
    if memory_of(data) > MOST_BYTES:
        raise invalid(f"The annotation is far too large: a file of {size_text(len(data))}.")
    try:
        text = unicode_text(data)
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid("The annotation is not a JSON file.") from error
