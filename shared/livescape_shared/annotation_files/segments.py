"""Lists of masks as SAM, SAM 2 and programs around them write them into JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from livescape_shared.annotation import MOVES, Annotation

from .drawing import MAX_SHAPES, Drawing, image_size
from .invalid import invalid
from .labels import meaning
from .rle import is_rle
from .segmentation import add_segmentation, is_array, runs_of

_LISTS: Final = ("annotations", "masks", "segmentations", "predictions", "results")
_NAMES: Final = ("label", "class_name", "category_name", "category", "class", "name", "phrase")
_AUTOMATIC: Final = ("crop_box", "point_coords", "stability_score")
"""What the generator that cuts a whole picture into segments notes of each."""

Size = tuple[int, int]


def masks_in(values: Any) -> list[Any] | None:
    """Return the list of masks that a value of JSON is meant as, None if it is none."""
    if is_rle(values) or (isinstance(values, Mapping) and "segmentation" in values):
        return [values]
    if isinstance(values, Mapping):
        for name in _LISTS:
            if isinstance(values.get(name), list):
                return masks_in(values[name])
        inner = list(values.values())
        if inner and all(isinstance(each, Mapping) or is_array(each) for each in inner):
            lists = [masks_in(each) for each in inner]
            if all(each is not None for each in lists):
                return [mask for each in lists for mask in each or ()]
        return None
    if is_array(values):
        return [values]
    if isinstance(values, list) and values and all(_is_mask(each) for each in values):
        return values
    return None


def read(values: Any, masks: list[Any], photo: Size | None, *, as_mask: bool) -> Annotation:
    """Read a list of masks.

    Names decide where there are any. Otherwise all masks move; but segments into which a program
    has cut the whole picture say nothing by themselves.

    Raises:
        LivescapeError: ``annotation_invalid`` or ``annotation_empty``.
    """
    if len(masks) > MAX_SHAPES:
        raise invalid("The annotation's list of masks is far too long.")
    labels = [_label(each) for each in masks]
    meanings = [meaning(label) for label in labels]
    is_cut = len(masks) > 1 and all(
        isinstance(each, Mapping) and any(name in each for name in _AUTOMATIC) for each in masks
    )
    if not any(meanings) and (not any(labels) or (as_mask and len(set(labels)) == 1)):
        meanings = ["" if is_cut else MOVES] * len(masks)
    else:
        is_cut = False
    drawing = Drawing(*_size(values, masks, photo), labels)
    for each, label, kind in zip(masks, labels, meanings, strict=True):
        value, box = _content(each)
        if is_cut:
            runs = runs_of(value)
            if runs is None:
                raise invalid("A segment is neither runs nor an array of the whole picture.")
            drawing.add_segment(runs)
        elif kind in drawing.kinds:
            add_segmentation(drawing, kind, value, box, label)
    return drawing.annotation()


def _is_mask(value: Any) -> bool:
    return (
        is_rle(value) or is_array(value) or (isinstance(value, Mapping) and "segmentation" in value)
    )


def _content(mask: Any) -> tuple[Any, Any]:
    """Return the segmentation of an entry, and its box."""
    if isinstance(mask, Mapping) and not is_rle(mask):
        return mask.get("segmentation"), mask.get("bbox")
    return mask, None


def _label(mask: Any) -> str:
    if not isinstance(mask, Mapping):
        return ""
    names = (mask.get(name) for name in _NAMES)
    return next((name for name in names if isinstance(name, str) and name), "")


def _size(values: Any, masks: list[Any], photo: Size | None) -> Size:
    """Return the size of the picture: as the masks have it, as the file states it, or the photo's.

    Raises:
        LivescapeError: ``annotation_invalid``.
    """
    for each in masks:
        runs = runs_of(_content(each)[0])
        if runs is not None:
            return runs.width, runs.height
    holder: Any = values if isinstance(values, Mapping) else {}
    image = holder.get("image")
    image = image if isinstance(image, Mapping) else holder
    width = image.get("width", image.get("img_width"))
    height = image.get("height", image.get("img_height"))
    return image_size(width, height, photo)
