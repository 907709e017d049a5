"""Puts the parts of a result together and believes none of them unseen."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError
from livescape_shared.gaussians import GaussianFrame, Gaussians
from livescape_shared.packing import moved
from livescape_shared.scene import MovingGaussians, SceneMeta
from livescape_shared.scene_meta import read_meta, result_invalid
from livescape_shared.trajectories import Trajectories

from .events import ChunkArrived

HEAD = ("scene", "static", "moving")
TRAJECTORIES = "trajectories"
"""The part that stands for all frames, where only places change."""

GAUSSIAN_ARRAYS = ("means", "quats", "scales", "opacities", "colors")
FRAME_ARRAYS = ("means", "quats", "scales")
"""Arrays of a frame; where only places change, the first alone."""
OPACITY_SLACK = 1e-4


class SceneSink(Protocol):
    """Takes a scene in this order: begin, static, moving, every frame, finish; or abort."""

    def begin(self, meta: SceneMeta) -> None:
        """Start a scene; nothing of an earlier one may be lost yet."""

    def static(self, gaussians: Gaussians) -> None:
        """Take the Gaussians that never move."""

    def moving(self, moving: MovingGaussians) -> None:
        """Take the moving ones at t = 0."""

    def frame(self, frame: GaussianFrame) -> None:
        """Take the moving ones at the next loop frame."""

    def finish(self) -> None:
        """The scene is complete and consistent: show it."""

    def abort(self) -> None:
        """There will be no scene: leave everything as it was."""


def _arrays(chunk: ChunkArrived, names: tuple[str, ...], count: int) -> list[NDArray[np.float32]]:
    """Return the named arrays, each float32, finite and of ``count`` rows."""
    found: list[NDArray[np.float32]] = []
    for name in names:
        array = chunk.arrays.get(name)
        if array is None or array.dtype != np.float32:
            raise result_invalid(f"{chunk.kind} {chunk.index} has no float32 {name}")
        if array.ndim == 0 or len(array) != count:
            raise result_invalid(
                f"{name} of {chunk.kind} {chunk.index} is {array.shape} for {count}"
            )
        if not np.isfinite(array).all():
            raise result_invalid(f"{name} of {chunk.kind} {chunk.index} is not finite")
        found.append(array.view(np.float32))
    return found


def _check_shape(quats: NDArray[np.float32], scales: NDArray[np.float32], what: str) -> None:
    if len(scales) and float(scales.min()) < 0.0:
        raise result_invalid(f"{what} has a negative scale")
    if len(quats) and float(np.square(quats).sum(axis=1).min()) < 1e-6:
        raise result_invalid(f"{what} has a rotation of length zero")


def _gaussians(chunk: ChunkArrived, count: int) -> Gaussians:
    arrays = _arrays(chunk, GAUSSIAN_ARRAYS, count)
    try:
        gaussians = Gaussians(*arrays)
    except ValueError as error:
        raise result_invalid(str(error)) from error
    _check_shape(gaussians.quats, gaussians.scales, chunk.kind)
    opacities = gaussians.opacities
    low, high = -OPACITY_SLACK, 1.0 + OPACITY_SLACK
    if count and not (low <= float(opacities.min()) and float(opacities.max()) <= high):
        raise result_invalid(f"{chunk.kind} has an opacity outside 0..1")
    return gaussians


def _moving(chunk: ChunkArrived, count: int) -> MovingGaussians:
    (windows,) = _arrays(chunk, ("windows",), count)
    gaussians = _gaussians(chunk, count)
    try:
        return MovingGaussians(gaussians, windows)
    except ValueError as error:
        raise result_invalid(str(error)) from error


def _means(chunk: ChunkArrived, at_rest: Gaussians) -> NDArray[np.float32]:
    """Return the means of a frame, which may be told by how far each has moved."""
    told = chunk.arrays.get("moves")
    if told is None:
        return _arrays(chunk, FRAME_ARRAYS[:1], len(at_rest))[0]
    if told.dtype != np.float16 or told.shape != at_rest.means.shape:
        raise result_invalid(f"moves of {chunk.kind} {chunk.index} is {told.shape} of {told.dtype}")
    means = moved(at_rest.means, told.view(np.float16))
    if not np.isfinite(means).all():
        raise result_invalid(f"moves of {chunk.kind} {chunk.index} is not finite")
    return means


def _frame(chunk: ChunkArrived, at_rest: Gaussians, *, deforms: bool) -> GaussianFrame:
    """Return a frame; what does not change is as it is ``at_rest``."""
    shape_arrays = FRAME_ARRAYS[1:] if deforms else ()
    arrays = [_means(chunk, at_rest), *_arrays(chunk, shape_arrays, len(at_rest))]
    shapes = () if deforms else (at_rest.quats, at_rest.scales)
    try:
        frame = GaussianFrame(chunk.index, *arrays, *shapes)
    except ValueError as error:
        raise result_invalid(str(error)) from error
    if deforms:
        _check_shape(frame.quats, frame.scales, f"frame {chunk.index}")
    return frame


def _told_frames(
    chunk: ChunkArrived, meta: SceneMeta, at_rest: Gaussians
) -> Iterator[GaussianFrame]:
    """Yield the frames that a part with trajectories tells."""
    try:
        yield from Trajectories.of_scene(chunk.arrays, meta).each_frame(at_rest)
    except ValueError as error:
        raise result_invalid(f"of its trajectories, {error}") from error


class Collector:
    """Feeds a sink with the parts of one job's result.

    Args:
        sink: Gets the scene; gets ``abort`` exactly once if the result is not consistent.
    """

    def __init__(self, sink: SceneSink) -> None:
        self._sink = sink
        self._seq = 0
        self._meta: SceneMeta | None = None
        self._at_rest = Gaussians.empty()
        self._kind_of_motion = "frame"
        self._told: Iterator[GaussianFrame] | None = None
        self._begun = False
        self._over = False

    @property
    def is_writing(self) -> bool:
        """Whether every part is there, and :meth:`go_on` has frames left to write."""
        return self._told is not None and not self._over

    @property
    def finished(self) -> bool:
        """Whether the scene is complete or was given up."""
        return self._over

    def feed(self, chunk: ChunkArrived, budget_s: float = math.inf) -> bool:
        """Check a part and pass it on; return whether the scene is complete.

        Args:
            chunk: The next part.
            budget_s: Time after which frames that the part tells are left to :meth:`go_on`.

        Raises:
            LivescapeError: ``result_invalid``, after the sink's ``abort``.
        """
        if self._over:
            message = f"part {chunk.seq} after the end of the scene"
            raise ValueError(message)
        try:
            self._pass_on(chunk)
        except LivescapeError:
            self.abort()
            raise
        self._seq += 1
        if self._seq < chunk.total:
            return False
        return self.go_on(budget_s)

    def go_on(self, budget_s: float = math.inf) -> bool:
        """Pass on the frames that are left, for so long; return whether the scene is complete.

        Raises:
            LivescapeError: ``result_invalid``, after the sink's ``abort``.
        """
        if self._over:
            return True
        until = time.monotonic() + budget_s
        try:
            for frame in self._told or ():
                self._sink.frame(frame)
                if time.monotonic() > until:
                    return False
        except LivescapeError:
            self.abort()
            raise
        self._over = True
        self._sink.finish()
        return True

    def abort(self) -> None:
        """Give the scene up, for instance because the job was cancelled."""
        if not self._over:
            self._over = True
            if self._begun:
                self._sink.abort()

    def _pass_on(self, chunk: ChunkArrived) -> None:
        kind = HEAD[self._seq] if self._seq < len(HEAD) else self._kind_of_motion
        index = max(0, self._seq - len(HEAD))
        if (chunk.seq, chunk.kind, chunk.index) != (self._seq, kind, index):
            raise result_invalid(
                f"part {chunk.seq} is {chunk.kind[:40]} {chunk.index} instead of {kind} {index}"
            )
        if kind == "scene":
            self._begin(chunk)
            return
        if self._meta is None:
            message = "the first part is a scene"
            raise ValueError(message)
        if kind == "static":
            self._sink.static(_gaussians(chunk, self._meta.static))
        elif kind == "moving":
            moving = _moving(chunk, self._meta.moving)
            self._at_rest = moving.gaussians
            self._sink.moving(moving)
        elif kind == TRAJECTORIES:
            self._told = _told_frames(chunk, self._meta, self._at_rest)
        else:
            self._sink.frame(_frame(chunk, self._at_rest, deforms=self._meta.deforms))

    def _begin(self, chunk: ChunkArrived) -> None:
        """Check that the number of parts fits the scene before anything is made of it."""
        meta = read_meta(chunk.meta)
        frames = chunk.total - len(HEAD)
        still = meta.moving == 0 and frames == 0
        if frames == 1:  # a loop has two frames at least
            self._kind_of_motion = TRAJECTORIES
        elif not still and frames != meta.loop_frames + 1:
            raise result_invalid(f"it has {frames} frames for a loop of {meta.loop_frames}")
        self._meta, self._begun = meta, True
        self._sink.begin(meta)
