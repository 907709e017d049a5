"""What every contender is told: the picture alone, true depth and six arrows, or everything."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.evaluate.truth import TruthView
from livescape.imaging.png import to_pixels
from livescape_shared.annotation import FRAMES_PER_DRAG
from livescape_shared.camera import Camera, CameraPath
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import GenerateSettings

TIERS = ("auto", "hints", "given")
"""The picture and its lens; with true depth, mask and six arrows; with the true flow as well."""

ARROWS = 6

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]


def request(
    tier: str,
    photo: TruthView,
    cameras: Sequence[Camera],
    settings: GenerateSettings,
    shot_frames: int,
) -> GenerateRequest:
    """Return what an artist would send who knows as much as ``tier`` says.

    Args:
        tier: A name in :data:`TIERS`.
        photo: Frame 0.
        cameras: The cameras that will look at the scene.
        settings: Of the preset; the motion is chosen here.
        shot_frames: Frames of each of the paths that ``cameras`` lists one after another.
    """
    files: dict[str, bytes] = {"photo": png_bytes(to_pixels(photo.image))}
    motion = "auto"
    if tier != "auto":
        depth = np.where(photo.sky, np.inf, photo.depth).astype(np.float32)
        files |= {"depth": npy_bytes(depth), "mask": png_bytes(photo.moving.astype(np.uint8) * 255)}
        motion = "none"
    if tier != "auto" and photo.moving.any():
        motion = "hints" if tier == "hints" else "file"
        if tier == "hints":
            files["hints"] = hint_lines(photo.moving, photo.flow)
        else:
            files["flow"] = npy_bytes(photo.flow * photo.moving[..., None])
    numbers = tuple(1 + index % shot_frames for index in range(len(cameras)))
    path = CameraPath(photo.camera, tuple(cameras), numbers, 24.0)
    return GenerateRequest(path, settings.changed(motion=motion), **files)


def arrows(moving: Mask, flow: Float32Array, count: int = ARROWS) -> Float32Array:
    """Return sparse arrows [n, 2, 2] (start, end) in pixels where a photo moves.

    Every region that moves and is large enough to matter gets its share by area, at least one;
    within it they stand far from each other and from its edge, as a careful artist draws them.

    Args:
        moving: [H, W] what moves.
        flow: [H, W, 2] pixels per frame.
        count: Number of arrows; none where nothing moves.
    """
    if not moving.any():
        return np.zeros((0, 2, 2), np.float32)
    number, regions, stats, _ = cv2.connectedComponentsWithStats(moving.astype(np.uint8))
    areas = {region: int(stats[region, cv2.CC_STAT_AREA]) for region in range(1, number)}
    large = sorted((r for r, a in areas.items() if a >= 0.02 * sum(areas.values())),
                   key=lambda region: -areas[region])[:count]  # fmt: skip
    shares = dict.fromkeys(large, 1)
    for _ in range(count - len(large)):
        shares[max(large, key=lambda region: areas[region] / (shares[region] + 1))] += 1
    drawn = []
    for region, share in shares.items():
        for row, column in _spread(regions == region, share):
            start = np.array([column + 0.5, row + 0.5])
            drawn.append([start, start + FRAMES_PER_DRAG * flow[row, column]])
    return np.array(drawn, dtype=np.float32).reshape(-1, 2, 2)


def _spread(region: NDArray[np.bool_], count: int) -> list[tuple[int, int]]:
    """Return ``count`` pixels of a region, each as far from the edge and the others as it can."""
    distance = cv2.distanceTransform(np.pad(region.astype(np.uint8), 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    rows, columns = np.indices(region.shape)
    chosen: list[tuple[int, int]] = []
    for _ in range(count):
        row, column = np.unravel_index(int(distance.argmax()), region.shape)
        chosen.append((int(row), int(column)))
        distance = np.minimum(distance, np.hypot(rows - row, columns - column) / 2.0)
    return chosen


def hint_lines(moving: Mask, flow: Float32Array) -> bytes:
    """Return :func:`arrows` as a labelme file."""
    height, width = moving.shape
    return labelme(arrows(moving, flow), width, height)


def labelme(lines: Float32Array, width: int, height: int) -> bytes:
    """Return hint lines [n, 2, 2] as a labelme file."""
    shapes: list[dict[str, Any]] = [
        {"label": f"hint{number}", "shape_type": "line", "points": line.tolist()}
        for number, line in enumerate(lines)
    ]
    values = {"imageWidth": width, "imageHeight": height, "shapes": shapes}
    return json.dumps(values).encode()


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """Return 8-bit pixels [H, W] or, sRGB, [H, W, 3] as a PNG file."""
    stored = pixels if pixels.ndim == 2 else pixels[..., ::-1]
    return bytes(cv2.imencode(".png", np.ascontiguousarray(stored))[1])


def npy_bytes(array: NDArray[np.floating]) -> bytes:
    """Return an array as a float32 .npy file."""
    stream = io.BytesIO()
    np.save(stream, array.astype(np.float32))
    return stream.getvalue()
