"""The layered depth image: what 3D-Cinemagraphy does, without its networks.

The photo is cut into two to five layers by depth; each goes on behind what stands before it and
beyond the frame, filled by the same inpainter as ours. Flow is integrated in the photo (Euler),
the moved pixels are lifted to the moving surface, and RGB points are splatted from two sides in
time, forward from the loop's start and backward from its end, and cross-faded (Li et al., CVPR
2023). Holes that remain are filled from their neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import project_points, unproject_points
from livescape.context import Context
from livescape.engine.advect import displacements_at
from livescape.engine.splat import fill_holes
from livescape.evaluate.contenders import Known, Shown
from livescape.evaluate.points import splat_points
from livescape.imaging.morphology import dilate
from livescape.imaging.sampling import pixel_centres, sample_bilinear
from livescape.imaging.smoothing import fill_smooth
from livescape.inpainting.fill import inpaint
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

MOST_LAYERS = 5
EXPLAINED = 0.95
"""Share of the variance of log depth that is worth no further layer."""

MOST_MARGIN = 0.5
COVERED = 0.05


class LayeredPhoto:
    """A photo that moves, as points in layers."""

    def __init__(
        self,
        context: Context,
        known: Known,
        path: Sequence[Camera],
        loop_frames: int,
        inpainting: str = "patchmatch",
        *,
        loops: bool = True,
    ) -> None:
        """Cut the photo and invent what is hidden.

        Args:
            context: For the inpainter.
            known: The photo.
            path: Cameras that will look at it.
            loop_frames: N.
            inpainting: What fills holes.
            loops: Whether the end is to lead back to the beginning; else nothing is cross-faded.
        """
        self._loops = loops
        margin = _margin(known, path)
        self._loop_frames = loop_frames
        self._known = _grown(context, known, margin, inpainting)
        self._surface = _moving_depth(self._known)
        self._displacements: dict[tuple[int, bool], Float32Array] = {}
        cuts = depth_cuts(known.depth)
        band = _parallax(known, path)
        parts = [
            _layer(context, self._known, cuts, k, band, inpainting) for k in range(len(cuts) + 1)
        ]
        self._pixels = np.concatenate([part[0] for part in parts])
        self._colours = np.concatenate([part[1] for part in parts])
        self._depth = np.concatenate([part[2] for part in parts])

    def show(self, camera: Camera, frame: int) -> Shown:
        """Return what ``camera`` sees at a frame of the loop, or of the shot."""
        frame = frame % self._loop_frames if self._loops else frame
        left = max(self._loop_frames - frame, 0)
        blend = frame / self._loop_frames if self._loops else 0.0
        sides = [(self._side(camera, frame, False), 1.0 - blend)]
        if blend > 0:
            sides.append((self._side(camera, left, True), blend))
        total = np.zeros((camera.height, camera.width), np.float32)
        mixed = np.zeros((camera.height, camera.width, 3), np.float32)
        for (image, weight), share in sides:
            alpha = np.float32(share) * np.minimum(weight, 1.0)
            mixed += alpha[..., None] * image
            total += alpha
        # Where water has flowed away and none has come: first, in a shot that does not loop, what
        # the loop would have brought; else it stands as it did in the photo.
        for steps, backward in ((left, True), (0, False)):
            lost = total < COVERED
            if lost.any():
                image, weight = self._side(camera, steps, backward)
                mixed[lost], total[lost] = (weight[..., None] * image)[lost], weight[lost]
        uncovered = total < COVERED
        mixed /= np.maximum(total, 1e-6)[..., None]
        filled = fill_holes(np.where(uncovered[..., None], 0.0, mixed).astype(np.float32),
                            np.where(uncovered, 0.0, 1.0))  # fmt: skip
        return Shown(np.clip(filled, 0.0, 1.0), uncovered)

    def _side(
        self, camera: Camera, steps: int, backward: bool
    ) -> tuple[Float32Array, Float32Array]:
        points = self._moved(steps, backward)
        positions, depth = project_points(points, camera)
        # A point stays as large as the pixel that it was in the photo: nearer, it covers more.
        size = self._depth / np.maximum(depth, 1e-6) * camera.K[0, 0] / self._known.camera.K[0, 0]
        return splat_points(positions, depth, self._colours, size, camera.width, camera.height)

    def _moved(self, steps: int, backward: bool) -> NDArray[np.float64]:
        """Return the points [N, 3] after ``steps`` frames."""
        centres = self._pixels + 0.5
        rows, columns = self._pixels[:, 1], self._pixels[:, 0]
        # Only what the photo shows moving flows: what is invented behind an edge stands.
        moves = (self._known.mask[rows, columns] > 0.5) & (
            np.abs(self._depth / self._known.depth[rows, columns] - 1.0) < 1e-3
        )
        positions = centres.astype(np.float64)
        depth = self._depth.copy()
        if steps and moves.any():
            moved = (
                centres[moves] + self._displacement(steps, backward)[rows[moves], columns[moves]]
            )
            positions[moves] = moved
            lifted = sample_bilinear(1.0 / self._surface[..., None], moved)[..., 0]
            depth[moves] = 1.0 / np.maximum(lifted, 1e-6)
        return unproject_points(positions, depth, self._known.camera)

    def _displacement(self, steps: int, backward: bool) -> Float32Array:
        key = steps, backward
        if key not in self._displacements:
            field = self._known.flow * (self._known.mask > 0.5)[..., None]
            start = pixel_centres(*field.shape[:2]).reshape(-1, 2)
            moved = displacements_at(field, [steps], start, backward=backward)[steps]
            self._displacements[key] = moved.reshape(field.shape)
        return self._displacements[key]


def depth_cuts(depth: Float32Array) -> list[float]:
    """Return the one to four depths in metres that part the photo into layers.

    k-means on the logarithm of depth; k grows until the layers explain it.
    """
    values = np.sort(np.log(depth).reshape(-1).astype(np.float64))
    whole = float(values.var())
    centres = np.array([])
    for count in range(2, MOST_LAYERS + 1):
        centres = np.quantile(values, (np.arange(count) + 0.5) / count)
        for _ in range(30):
            borders = np.searchsorted(values, (centres[1:] + centres[:-1]) / 2.0)
            groups = np.split(values, borders)
            centres = np.array(
                [g.mean() if len(g) else c for g, c in zip(groups, centres, strict=True)]
            )
        within = sum(float(((g - c) ** 2).sum()) for g, c in zip(groups, centres, strict=True))
        if within / len(values) <= (1.0 - EXPLAINED) * whole:
            break
    return [float(cut) for cut in np.exp((centres[1:] + centres[:-1]) / 2.0)]


def _layer(
    context: Context, known: Known, cuts: list[float], number: int, band: int, inpainting: str
) -> tuple[NDArray[np.intp], Float32Array, Float32Array]:
    """Return pixels [N, 2], colours [N, 3] and depths [N] of a layer and of what it hides."""
    index = np.searchsorted(np.array(cuts), known.depth)
    own = index == number
    hidden = dilate(own, band) & (index < number) if own.any() else np.zeros_like(own)
    image, disparity = known.image, 1.0 / known.depth
    if hidden.any():
        # Pixels at the layer's edge mix it with what stands before it.
        sources = own & ~dilate(index < number, 1)
        sources = sources if sources.any() else own
        image = inpaint(context, image, hidden, sources, method=inpainting)
        disparity = fill_smooth(disparity[..., None].astype(np.float32), sources)[..., 0]
        disparity = np.where(own, 1.0 / known.depth, disparity)
    chosen = own | hidden
    rows, columns = np.nonzero(chosen)
    depth = (1.0 / np.maximum(disparity[chosen], 1e-6)).astype(np.float32)
    return np.column_stack([columns, rows]), image[chosen], depth


def _grown(context: Context, known: Known, margin: int, inpainting: str) -> Known:
    """Return the photo with ``margin`` more pixels on every side, invented."""
    around = ((margin, margin), (margin, margin))
    inside = np.pad(np.ones(known.depth.shape, bool), around)
    image = np.pad(known.image, (*around, (0, 0)))
    sides = np.pad(1.0 / known.depth, ((margin, 0), (margin, margin)), mode="edge")
    # Ground below the frame comes nearer as a plane does: disparity goes on linearly.
    reach = min(margin, known.depth.shape[0] - 1)
    below = np.pad(sides, ((0, reach), (0, 0)), mode="reflect", reflect_type="odd")
    disparity = np.pad(below, ((0, margin - reach), (0, 0)), mode="edge")
    nearest = 1.0 / float(known.depth.min())
    disparity = np.clip(disparity, 1.0 / float(known.depth.max()), 4.0 * nearest)
    K = known.camera.K.copy()
    K[:2, 2] += margin
    height, width = inside.shape
    filled = inpaint(context, image, ~inside, method=inpainting)
    moves = np.pad(known.mask, around, mode="edge") > 0.5
    if (moves & inside).any():
        # Water goes on as water, not as the rock beside it.
        filled = inpaint(context, filled, moves & ~inside, moves & inside, method=inpainting)
    return Known(
        filled,
        Camera(width, height, K, known.camera.viewmat),
        (1.0 / disparity).astype(np.float32),
        np.pad(known.mask, around, mode="edge"),
        np.pad(known.flow, (*around, (0, 0)), mode="edge"),
    )


def _moving_depth(known: Known) -> Float32Array:
    """Return [H, W] the depth of the moving surface, continued behind what stands in it."""
    moves = known.mask > 0.5
    if not moves.any():
        return known.depth
    disparity = fill_smooth((1.0 / known.depth)[..., None].astype(np.float32), moves)[..., 0]
    return np.asarray(1.0 / np.maximum(disparity, 1e-6), dtype=np.float32)


def _parallax(known: Known, path: Sequence[Camera]) -> int:
    """Return how far in pixels what is near shifts along the path."""
    near = float(np.percentile(known.depth, 2))
    travel = max(float(np.linalg.norm(c.position - known.camera.position)) for c in path)
    shift = known.camera.K[0, 0] * travel / near
    return int(np.clip(np.ceil(shift), 4, known.camera.width // 3))


def _margin(known: Known, path: Sequence[Camera]) -> int:
    """Return how many pixels beyond the photo the path looks, by the depth at its border."""
    height, width = known.depth.shape
    border = np.concatenate(
        [known.depth[0], known.depth[-1], known.depth[:, 0], known.depth[:, -1]]
    )
    beyond = 0.0
    for distance in np.percentile(border, (2, 50, 98)):
        for view in path:
            corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * (view.width, view.height)
            points = unproject_points(corners, np.full(4, float(distance)), view)
            (u, v), depth = (values.T for values in project_points(points, known.camera))
            out = np.maximum.reduce([-u, u - width, -v, v - height])
            beyond = max(beyond, float(np.where(depth > 0, out, np.inf).max()))
    long_side = max(height, width)
    return int(np.ceil(np.clip(beyond, 0.04 * long_side, MOST_MARGIN * long_side)))
