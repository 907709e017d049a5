"""The finished product: static Gaussians, moving ones, and how to see them at any frame."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape.deform.basis import MovingField
from livescape.deform.hexplane_field import HexPlaneField
from livescape_shared.conventions import loop_time
from livescape_shared.gaussians import GaussianFrame, Gaussians
from livescape_shared.scene import MovingGaussians, SceneMeta

ChunkParts = tuple[str, int, dict[str, Any], dict[str, NDArray[Any]]]


@dataclass(frozen=True)
class LivingScene:
    """A 4D scene.

    Attributes:
        still: Gaussians that never move.
        moving: Gaussians that flow.
        meta_json: :class:`SceneMeta` as JSON.
        report_json: Figures of the generation as JSON.
    """

    still: Gaussians
    moving: MovingField | HexPlaneField
    meta_json: str
    report_json: str

    @property
    def meta(self) -> SceneMeta:
        """Counts, loop and blending."""
        return SceneMeta(**json.loads(self.meta_json))

    @property
    def report(self) -> dict[str, Any]:
        """Seconds per stage, counts, fidelity."""
        return dict(json.loads(self.report_json))

    def at_loop_frame(self, index: int) -> Gaussians:
        """Return all Gaussians at baked loop frame ``index`` of 0..loop_frames."""
        if not len(self.moving):
            return self.still
        meta = self.meta
        frame = self.moving.frame(index, meta.loop_frames)
        moved = self.moving.all_copies().at(frame, index / meta.loop_frames, meta.fade)
        return Gaussians.concatenate(self.still, moved)

    def at_frame(self, frame: int) -> Gaussians:
        """Return all Gaussians as Blender frame ``frame`` shows them."""
        meta = self.meta
        t = loop_time(frame, meta.start_frame, meta.loop_frames, loop=meta.loop)
        return self.at_loop_frame(round(t * meta.loop_frames))


def scene_chunks(scene: LivingScene) -> Iterator[ChunkParts]:
    """Yield (kind, index, meta, arrays) of every chunk that is sent to Blender, in order."""
    meta = scene.meta
    yield "scene", 0, meta.to_dict(), {}
    yield "static", 0, {}, _arrays(scene.still)
    copies = scene.moving.all_copies()
    yield "moving", 0, {}, _moving_arrays(copies)
    if meta.moving and isinstance(scene.moving, MovingField):
        yield "trajectories", 0, {}, scene.moving.trajectories(meta.loop_frames).arrays()
        return
    for index in range(meta.loop_frames + 1 if meta.moving else 0):
        frame = scene.moving.frame(index, meta.loop_frames)
        yield "frame", index, {}, _frame_arrays(frame, deforms=meta.deforms)


def _frame_arrays(frame: GaussianFrame, *, deforms: bool) -> dict[str, NDArray[Any]]:
    """Return what changes from frame to frame."""
    if not deforms:
        return {"means": frame.means}
    return {"means": frame.means, "quats": frame.quats, "scales": frame.scales}


def _moving_arrays(moving: MovingGaussians) -> dict[str, NDArray[Any]]:
    return {**_arrays(moving.gaussians), "windows": moving.windows}


def _arrays(gaussians: Gaussians) -> dict[str, NDArray[np.float32]]:
    return dict(vars(gaussians))
