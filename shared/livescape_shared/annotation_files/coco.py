"""Instance annotations in the format of COCO, of one picture or of a whole data set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from livescape_shared.annotation import MOVES, Annotation

from .drawing import MAX_SHAPES, Drawing, image_size
from .invalid import invalid
from .labels import meaning
from .segmentation import add_segmentation


def is_coco(values: Any) -> bool:
    """Return whether a value of JSON is COCO's."""
    return (
        isinstance(values, Mapping)
        and isinstance(values.get("images"), list)
        and isinstance(values.get("annotations"), list)
    )


def of_photo(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the part of a data set that belongs to the photo of that file name.

    Where only one picture is there, its name does not matter. If none or several have the name, all
    is returned.

    Args:
        values: What the file holds.
        name: File name of the photo, without folders.
    """
    images = [each for each in values["images"] if isinstance(each, Mapping)]
    if len(images) != 1:
        stem = PurePosixPath(name).stem.casefold()
        whole = [each for each in images if _name(each).casefold() == name.casefold()]
        alike = [each for each in images if PurePosixPath(_name(each)).stem.casefold() == stem]
        images = next((found for found in (whole, alike) if len(found) == 1), images)
    if len(images) != 1:
        return dict(values)
    wanted = images[0].get("id")
    kept = [
        each
        for each in values["annotations"]
        if isinstance(each, Mapping) and each.get("image_id", wanted) == wanted
    ]
    categories = values.get("categories")
    return {"images": images, "annotations": kept, "categories": categories}


def read(values: Mapping[str, Any], photo: tuple[int, int] | None, *, as_mask: bool) -> Annotation:
    """Read what is annotated of one picture.

    Args:
        values: What the file holds; of several pictures, the only one of the photo's size.
        photo: Width and height of the photo.
        as_mask: As in :func:`~livescape_shared.annotation_files.kinds.read_annotation`.

    Raises:
        LivescapeError: ``annotation_invalid`` or ``annotation_empty``.
    """
    values = _one_picture(values, photo)
    image = values["images"][0]
    annotations = values["annotations"]
    if len(annotations) > MAX_SHAPES:
        raise invalid("The annotation's list of shapes is far too long.")
    names = _category_names(values.get("categories"))
    labels = [names.get(_key(each.get("category_id")), "") for each in annotations]
    meanings = [meaning(label) for label in labels]
    if as_mask and not any(meanings) and len(set(labels)) == 1:
        meanings = [MOVES] * len(annotations)
    size = image_size(image.get("width"), image.get("height"), photo)
    drawing = Drawing(*size, labels)
    for each, label, kind in zip(annotations, labels, meanings, strict=True):
        if kind in drawing.kinds:
            add_segmentation(drawing, kind, each.get("segmentation"), each.get("bbox"), label)
    return drawing.annotation()


def _one_picture(values: Mapping[str, Any], photo: tuple[int, int] | None) -> dict[str, Any]:
    images = [each for each in values["images"] if isinstance(each, Mapping)]
    if len(images) > 1 and photo is not None:
        fitting = [each for each in images if (each.get("width"), each.get("height")) == photo]
        images = fitting if len(fitting) == 1 else images
    if len(images) != 1:
        message = (
            f"The annotation is of {len(images)} pictures, and none has the photo's name."
            if images
            else "The annotation names no picture."
        )
        raise invalid(message)
    return of_photo({**values, "images": images}, _name(images[0]))


def _name(image: Mapping[str, Any]) -> str:
    return PurePosixPath(str(image.get("file_name", "")).replace("\\", "/")).name


def _category_names(categories: Any) -> dict[str, str]:
    if not isinstance(categories, list):
        return {}
    known = [each for each in categories if isinstance(each, Mapping)]
    return {_key(each.get("id")): str(each.get("name", "")) for each in known}


def _key(number: Any) -> str:
    """Return a category's number as all writers may have written it."""
    return str(number)
