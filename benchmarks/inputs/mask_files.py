"""Masks and depth maps by kind and writer; every file is written by another program."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from benchmarks.inputs.pictures import Case, Wanted
from benchmarks.inputs.shown import metres, moving
from benchmarks.inputs.writers import (
    by_opencv,
    by_openexr,
    by_pillow,
    by_tifffile,
    npz,
    streamed,
)
from PIL import Image
from pycocotools import mask as cocomask


def _mask(writer: str, data: Callable[[], bytes]) -> Case:
    return Case("mask", writer, data, Wanted(moving(), 0.99))


def masks() -> Iterator[Case]:
    """Yield every mask."""
    mask = moving()
    grey = mask.astype(np.uint8) * 255
    coded: Any = cocomask.encode(np.asfortranarray(mask.astype(np.uint8)))
    packed = {"size": [int(side) for side in coded["size"]], "counts": coded["counts"].decode()}
    image = {"id": 3, "file_name": "a.jpg", "width": 256, "height": 192}
    entry = {"id": 1, "image_id": 3, "category_id": 9, "segmentation": packed, "iscrowd": 0}
    coco = {"images": [image], "annotations": [entry], "categories": [{"id": 9, "name": "sea"}]}
    piece = base64.b64encode(by_pillow("PNG", Image.fromarray(mask))).decode()
    shape: dict[str, Any] = {"label": "motion", "shape_type": "mask", "mask": piece}
    shape |= {"points": [[0, 0], [255, 191]], "group_id": None, "flags": {}}
    labelme: dict[str, Any] = {"version": "5.5.0", "flags": {}, "shapes": [shape]}
    labelme |= {"imagePath": "a.jpg", "imageData": None, "imageHeight": 192, "imageWidth": 256}
    clear = np.dstack([np.zeros((*mask.shape, 3), np.uint8), grey])
    files: dict[str, Callable[[], bytes]] = {
        "pillow PNG 1 bit": lambda: by_pillow("PNG", Image.fromarray(mask)),
        "pillow PNG labels 0, 1": lambda: by_pillow("PNG", Image.fromarray(mask.astype(np.uint8))),
        "pillow PNG transparency": lambda: by_pillow("PNG", Image.fromarray(clear)),
        "pillow JPEG": lambda: by_pillow("JPEG", Image.fromarray(grey), quality=95),
        "opencv PNG 16 bits 0..255": lambda: by_opencv(".png", grey.astype(np.uint16)),
        "opencv PNG 16 bits labels": lambda: by_opencv(".png", mask.astype(np.uint16)),
        "opencv EXR-like float TIFF": lambda: by_opencv(".tiff", mask.astype(np.float32)),
        "tifffile labels": lambda: by_tifffile(mask.astype(np.uint8)),
        "OpenEXR mask": lambda: by_openexr({"Y": mask.astype(np.float32)}),
        "numpy .npz masks": lambda: npz(masks=mask[None]),
        "numpy .npz logits": lambda: npz(masks=np.where(mask, 8.0, -8.0)[None, None]),
        "pycocotools COCO": lambda: json.dumps(coco).encode(),
        "pycocotools SAM list": lambda: json.dumps([{"segmentation": packed}]).encode(),
        "labelme mask": lambda: json.dumps(labelme).encode(),
    }
    for name, write in files.items():
        yield _mask(name, write)


def depths() -> Iterator[Case]:
    """Yield every depth map."""
    depth = metres()
    files: dict[str, tuple[Callable[[], bytes], float]] = {
        "numpy .npy float32": (lambda: streamed(lambda s: np.save(s, depth)), 1e-4),
        "numpy .npy float64": (lambda: streamed(lambda s: np.save(s, depth.astype(float))), 1e-4),
        "numpy .npz depth": (lambda: npz(depth=depth, sky=depth > 50), 1e-4),
        "tifffile float": (lambda: by_tifffile(depth), 1e-4),
        "tifffile half": (lambda: by_tifffile(depth.astype(np.float16)), 2e-3),
        "opencv PFM": (lambda: by_opencv(".pfm", depth), 1e-4),
        "opencv PNG centimetres": (
            lambda: by_opencv(".png", np.rint(depth * 100).astype(np.uint16)), 3e-3),
        "opencv float TIFF": (lambda: by_opencv(".tiff", depth), 1e-4),
        "OpenEXR Z": (lambda: by_openexr({"Z": depth}), 1e-4),
        "OpenEXR ViewLayer.Depth.Z": (lambda: by_openexr({"ViewLayer.Depth.Z": depth}), 1e-4),
        "OpenEXR half": (lambda: by_openexr({"Z": depth.astype(np.float16)}), 2e-3),
    }  # fmt: skip
    for name, (write, limit) in files.items():
        yield Case("depth", name, write, Wanted(depth, limit))
