"""Layers to points: one 3D point per pixel (Eq. 1-2 of the paper, true intrinsics)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import unproject_image
from livescape.points.layers import Layer, LayeredPhoto

Float32Array = NDArray[np.float32]


@dataclass(frozen=True)
class PointCloud:
    """One point per pixel of every layer.

    Attributes:
        points: [N, 3] world metres.
        colors: [N, 3] display sRGB.
        footprint: [N] metres, width of the surface patch behind one pixel.
        moving: [N] 0..1.
        sky: [N] bool, whether the point lies on the sky plate.
        pixels: [N, 2] column and row on the padded photo grid.
        seen: [N] bool, whether the photo itself shows the point: in frame, nothing before it.
        coverage: [N] 0..1, how much of its pixel the point covers.
    """

    points: Float32Array
    colors: Float32Array
    footprint: Float32Array
    moving: Float32Array
    sky: NDArray[np.bool_]
    pixels: NDArray[np.int32]
    seen: NDArray[np.bool_]
    coverage: Float32Array

    def __len__(self) -> int:
        """Return N."""
        return len(self.points)

    def whole(self) -> PointCloud:
        """Return the points that cover all of their pixels; itself if all do."""
        covers = self.coverage >= 1.0
        if covers.all():
            return self
        return PointCloud(*(values[covers] for values in vars(self).values()))


def _layer_points(layer: Layer, photo: LayeredPhoto, covered: NDArray[np.bool_]) -> PointCloud:
    """Return the points of ``layer``; those at ``covered`` [H, W] pixels are not seen."""
    rows, columns = np.nonzero(layer.valid)
    world = unproject_image(layer.depth, photo.camera)[rows, columns]
    inside = np.zeros(layer.valid.shape, dtype=bool)
    inside[photo.margins.photo(layer.valid.shape)] = True
    coverage = np.ones_like(layer.depth) if layer.coverage is None else layer.coverage
    return PointCloud(
        points=world,
        colors=layer.image[rows, columns],
        footprint=layer.depth[rows, columns] / np.float32(photo.camera.K[0, 0]),
        moving=layer.moving[rows, columns].astype(np.float32),
        sky=np.full(len(rows), layer.name == "sky"),
        pixels=np.column_stack([columns, rows]).astype(np.int32),
        seen=(inside & ~covered)[rows, columns],
        coverage=coverage[rows, columns],
    )


def point_cloud(photo: LayeredPhoto) -> PointCloud:
    """Return the dense point cloud of all layers."""
    parts = []
    covered = np.zeros((photo.camera.height, photo.camera.width), dtype=bool)
    for layer in photo.layers:
        parts.append(_layer_points(layer, photo, covered))
        covered = covered | layer.valid
    return PointCloud(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0]))
    )
