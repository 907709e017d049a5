"""Checking a camera move against its photo: how much of each frame the photo cannot show.

Cameras are read on the main thread, a few dozen frames of them; all else happens in a thread.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from .. import properties
from ..bridge.errand import Errand
from ..generate import local_server
from .measured import Measured
from .path import read_cameras
from .reach import largest_factor, safe_distances
from .survey import Question, question
from .unseen import Unseen

MOST_FRAMES = 32
"""Frames that are looked at, at most; those between have what lies between."""

FARTHEST_SHARE = 1.0
"""How far the safe volume is looked for, in distances of the middle of the photo."""


class Check:
    """One check, from the reading of the cameras to the result.

    Args:
        context: Whose scene is checked.
        fit: Whether to find out how much of the move stays within the limit.

    Raises:
        LivescapeError: What is wrong with camera, photo or server.
    """

    def __init__(self, context: Any, *, fit: bool = False) -> None:
        scene = context.scene
        self.scene_id = scene.session_uid
        self._fit = fit
        self._limit = float(properties.settings_of(scene).camera.limit)
        first, last = scene.frame_start, max(scene.frame_end, scene.frame_start)
        count = min(last - first + 1, MOST_FRAMES)
        frames = np.unique(np.linspace(first, last, count).round().astype(int)).tolist()
        reference_frame = properties.reference_frame(scene)
        began = time.perf_counter()
        cameras = read_cameras(scene, {*frames, reference_frame})
        self._reading_s = time.perf_counter() - began
        self._reference = cameras[reference_frame]
        self._cameras = {frame: cameras[frame] for frame in frames}
        self._asked = asked = question(context, self._reference)
        self.errand = Errand(lambda: self._find(asked))

    @property
    def is_known(self) -> bool:
        """Whether the photo was looked at before, so that no server is asked."""
        return self._asked.launch is None

    def poll(self, wait_s: float = 0.0) -> Measured | None:
        """Return what was found, None while nothing was.

        Raises:
            LivescapeError: What went wrong.
            Cancelled: Nobody wants it any more.
        """
        if self._asked.launch is not None:
            local_server.remember(self._asked.launch)
        return self.errand.poll(wait_s)

    def stop(self) -> None:
        """Want it no more."""
        self._asked.stopped.set()

    def _find(self, asked: Question) -> Measured:
        survey = asked.answer()
        unseen = Unseen(survey, self._reference.viewmat)
        shares = tuple(unseen.share(camera) for camera in self._cameras.values())
        farthest = FARTHEST_SHARE * survey.middle
        safe = safe_distances(unseen, self._reference, self._limit, farthest)
        cameras = tuple(self._cameras.values())
        factor = 1.0
        if self._fit:
            factor = largest_factor(unseen, self._reference, cameras, self._limit)
        places = np.array([camera.position for camera in cameras])
        frames = tuple(self._cameras)
        return Measured(
            frames,
            shares,
            places,
            self._limit,
            self._reference,
            safe,
            factor,
            reading_s=self._reading_s,
        )
