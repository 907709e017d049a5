"""What was found about the moves of the scenes that are open; kept in no file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from livescape_shared.camera import Camera

from .. import properties
from .unseen import Share

MOVED_SHARE, MOVED_M = 0.01, 1e-3
"""Part of a path's extent, and metres, by which a camera that has moved is elsewhere."""


@dataclass(frozen=True)
class Measured:
    """What was found about a move.

    Attributes:
        frames: Frames that were looked at, ascending.
        shares: Of each of them.
        places: [n, 3] where the camera is at each, in metres; empty after a run.
        limit: Percent that counts as too much.
        reference: The photo's camera; None after a run.
        safe: [6] metres, see :data:`reach.DIRECTIONS`; empty after a run.
        factor: How much of the move stays within the limit.
        is_of_run: Whether a finished scene says so, rather than a survey.
        reading_s: How long it took to read the cameras.
    """

    frames: tuple[int, ...]
    shares: tuple[Share, ...]
    places: NDArray[np.float64]
    limit: float
    reference: Camera | None
    safe: NDArray[np.float64]
    factor: float = 1.0
    is_of_run: bool = False
    reading_s: float = 0.0

    def at(self, frame: float) -> Share:
        """Return what the photo cannot show at a frame, between those that were looked at."""
        hidden, beyond = (
            float(np.interp(frame, self.frames, [getattr(each, name) for each in self.shares]))
            for name in ("hidden", "beyond")
        )
        return Share(hidden, beyond)

    @property
    def worst(self) -> tuple[int, Share]:
        """The frame of which most is not in the photo."""
        index = int(np.argmax([each.total for each in self.shares]))
        return self.frames[index], self.shares[index]

    def is_old(self, scene: Any) -> bool:
        """Whether the camera is no longer where it was, as far as the current frame tells."""
        frame, camera = scene.frame_current, scene.camera
        if frame not in self.frames or not len(self.places) or camera is None:
            return False
        place = np.array(camera.matrix_world.translation) * scene.unit_settings.scale_length
        extent = float(np.ptp(self.places, axis=0).max())
        away = np.abs(place - self.places[self.frames.index(frame)]).max()
        return bool(away > MOVED_SHARE * extent + MOVED_M)

    @property
    def fits(self) -> bool:
        """Whether the whole move stays within the limit."""
        return self.worst[1].total <= self.limit

    def __str__(self) -> str:
        """Return what was found in one line."""
        frame, share = self.worst
        if share.total < 0.5:
            return "The photo shows all of every frame"
        if self.is_of_run:
            return (
                f"At most {share.total:.0f} % of a frame (frame {frame}) is not in the photo: "
                f"{share.hidden:.0f} % invented, {share.beyond:.0f} % empty"
            )
        return (
            f"At most {share.total:.0f} % of a frame (frame {frame}) is not in the photo: "
            f"{share.hidden:.0f} % hidden, {share.beyond:.0f} % beyond its edge"
        )


_measured: dict[int, Measured] = {}


def measured(scene: bpy.types.Scene) -> Measured | None:
    """Return what was found last about the move of a scene."""
    return _measured.get(scene.session_uid)


def keep(scene_id: int, found: Measured) -> None:
    """Keep what was found about a scene."""
    _measured[scene_id] = found


def forget() -> None:
    """Forget everything: another file is opened, or the add-on ends."""
    _measured.clear()


def keep_report(scene: bpy.types.Scene, start_frame: int, report: Mapping[str, Any]) -> None:
    """Keep what a finished scene says of itself, frame by frame."""
    invented, empty = (report.get(f"{name}_percent") for name in ("invented", "uncovered"))
    if not (isinstance(invented, list) and isinstance(empty, list) and invented):
        return
    shares = tuple(Share(float(a), float(b)) for a, b in zip(invented, empty, strict=False))
    frames = tuple(range(start_frame, start_frame + len(shares)))
    limit = float(properties.settings_of(scene).camera.limit)
    nothing = np.zeros((0, 3)), np.zeros(0)
    keep(
        scene.session_uid,
        Measured(frames, shares, nothing[0], limit, None, nothing[1], is_of_run=True),
    )
