"""What a scene should show from any view, at any time: the animated photo, carried by its depth.

The evaluation of 3D-Cinemagraphy and of 3D-MOM warps an animated photo to new views by its
estimated depth and leaves out what the photo does not show. This does the same with the z-buffered
point cloud: geometry is shared by all methods compared, motion is the photo's own and none of
theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape.engine.zbuffer import PointRenderer
from livescape.motion.animate import animate
from livescape.points.cloud import PointCloud
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]


@dataclass(frozen=True)
class TruthFrame:
    """What one view shows at one moment.

    Attributes:
        index: Loop frame.
        camera: The view.
        image: [H, W, 3] display sRGB.
        valid: [H, W] bool, where the photo shows what is there.
        moving: [H, W] bool, the valid pixels that move.
    """

    index: int
    camera: Camera
    image: Float32Array
    valid: NDArray[np.bool_]
    moving: NDArray[np.bool_]


def pseudo_truth(
    photo: Float32Array,
    flow: Float32Array,
    mask: Float32Array,
    cloud: PointCloud,
    corner: NDArray[np.int32],
    cameras: Sequence[Camera],
    indices: Sequence[int],
    loop_frames: int,
    device: str = "cpu",
) -> Iterator[TruthFrame]:
    """Yield what each of ``cameras`` sees at each of the loop frames ``indices``.

    Args:
        photo: [H, W, 3] display sRGB.
        flow: [H, W, 2] the photo's own motion in pixels per frame.
        mask: [H, W] 0..1, what moves.
        cloud: Its points [N].
        corner: Column and row [2] of the photo's first pixel on the cloud's grid.
        cameras: Views.
        indices: Of 0..loop_frames.
        loop_frames: Frames of a loop.
        device: Where to compute.
    """
    columns, rows = (cloud.pixels[cloud.seen] - corner).T
    renderer = PointRenderer(cloud.points, cloud.footprint, device)
    views = [(camera, renderer.nearest(camera)[0]) for camera in cameras]
    images = animate(photo, flow, mask, indices, loop_frames, device=device)
    for index, image in zip(indices, images, strict=True):
        colors = cloud.colors.copy()
        colors[cloud.seen] = image[rows, columns]
        for camera, nearest in views:
            valid = (nearest >= 0) & cloud.seen[nearest]
            shown = np.where(valid[..., None], colors[nearest], 0.0).astype(np.float32)
            moving = valid & (cloud.moving[nearest] > 0.5)
            yield TruthFrame(index, camera, shown, valid, moving)
