"""A file of every kind of annotation, for the damage."""

import base64
import json

import numpy as np
from tests.shared.test_annotation_files import (
    AUTOMATIC,
    COLUMNS,
    HEIGHT,
    PACKED_RING,
    RING,
    SQUARE,
    WIDTH,
    coco,
    entry,
    labelme,
    rle,
    shape,
)

PHOTO = (WIDTH, HEIGHT)
NAME = "photo.jpg"
"""Name of the photo that a data set of several is asked for."""

SMALL = np.zeros((6, 8), bool)
SMALL[2:5, 3:7] = True


def drawings(picture):
    """Return files by kind; ``picture`` is a mask as the file of a picture."""
    packed = {"size": [HEIGHT, WIDTH], "counts": PACKED_RING}
    images = [
        {"id": number, "file_name": name, "width": WIDTH, "height": HEIGHT}
        for number, name in ((7, NAME), (8, "other.jpg"))
    ]
    size = {"image": {"width": WIDTH, "height": HEIGHT}}
    outlined = [
        shape("polygon", [[10, 10], [50, 10], [50.5, 40]]),
        shape("rectangle", [[1, 2], [9, 9]], "still"),
        shape("circle", [[60, 30], [60, 40]], "water"),
        shape("line", [[10, 10], [20, 20]], "hint", group_id=2),
        shape("linestrip", [[10, 10], [40, 10], [40, 30]], "hint"),
    ]
    mask = base64.b64encode(picture).decode()
    masked = shape("mask", [[5, 6], [12, 11]], mask=mask)
    polygons = [entry([SQUARE, [60, 10, 70, 10, 70, 20]]), entry([], bbox=[1, 2, 10, 5])]
    cut = [
        {"segmentation": rle(each), "area": 5, "bbox": [1, 2, 3, 4], **AUTOMATIC}
        for each in (RING, COLUMNS < 30)
    ]
    named = [
        {"class_name": "water", "segmentation": packed, "bbox": [1, 2, 3, 4]},
        {"class_name": "person", "segmentation": packed, "bbox": [1, 2, 3, 4]},
    ]
    values = {
        "labelme": labelme(*outlined, flags={"guess": True}),
        "labelme masks": labelme(masked),
        "coco": coco(polygons),
        "coco runs": coco([entry(rle(RING), iscrowd=1), entry([SQUARE], 2)]),
        "coco packed": coco([entry(packed), entry(packed)], ["objects"]),
        "coco set": coco([entry([SQUARE]), entry(packed), entry([SQUARE], image=8)], images=images),
        "sam runs": [rle(RING), packed],
        "sam array": {"masks": [SMALL.astype(int).tolist()], "scores": [0.9]},
        "sam segments": cut,
        "sam names": {**size, "annotations": named},
        "sam frames": {"0": {"1": packed, "2": rle(RING)}, "1": {"1": packed}},
    }
    return {name: json.dumps(value).encode() for name, value in values.items()}
