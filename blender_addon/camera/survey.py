"""Asking the backend how far the things in the photo are: a matter of seconds, not of a run."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from livescape_shared.camera import Camera, CameraPath
from livescape_shared.request import SURVEY, GenerateRequest
from livescape_shared.scene_meta import result_invalid
from livescape_shared.settings import GenerateSettings
from livescape_shared.values import WrongValue, number

from .. import properties
from ..bridge.launcher import Launch
from ..bridge.remote import RemoteLaunch
from ..bridge.sketch import ask_for_chunk
from ..generate import framing, local_server
from ..generate.inputs import read_input
from ..generate.request_files import check_photo_of, check_size
from ..paths import file_stamp, named_path
from ..photo import looking
from ..photo.converted import readable
from ..servers.choice import remote_launch
from .unseen import Survey

LONGEST_SIDE = 2048
MOST_KEPT = 4

_Key = tuple[Any, ...]
_kept: dict[_Key, Survey] = {}


@dataclass(frozen=True)
class Question:
    """All that a survey depends on; it is asked in a thread and touches nothing of Blender's.

    Attributes:
        key: Tells it from others.
        photo: The photo.
        depth: A depth map of the artist's, if there is one.
        frame: How the photo lies in the frame.
        settings: Of the scene.
        reference: The photo's camera.
        launch: Finds or starts the server; None if the answer is known.
        stopped: Set when nobody wants the answer any more.
    """

    key: _Key
    photo: Path
    depth: Path | None
    frame: str
    settings: GenerateSettings
    reference: Camera
    launch: Launch | RemoteLaunch | None
    stopped: threading.Event

    def answer(self) -> Survey:
        """Return the survey, from memory or from the server.

        Raises:
            LivescapeError: What is wrong with photo, server or answer.
            Cancelled: Nobody wants it any more.
        """
        if self.key in _kept:
            return _kept[self.key]
        survey = self._fetched()
        while len(_kept) >= MOST_KEPT:
            del _kept[next(iter(_kept))]
        _kept[self.key] = survey
        return survey

    def _fetched(self) -> Survey:
        assert self.launch is not None
        chunk, _ = ask_for_chunk(self.launch, self._request(), self.stopped)
        return _survey(chunk.kind, chunk.meta, chunk.arrays)

    def _request(self) -> GenerateRequest:
        look = looking.look_at(self.photo)
        check_size(self.photo, look.size)
        path = CameraPath(self.reference, (self.reference,), (1,))
        files = {"photo": read_input(self.photo, "photo")}
        if self.depth is not None:
            files["depth"] = read_input(self.depth, "depth file")
        path = framing.framed(path, look.size, self.frame)
        return GenerateRequest(path, self.settings, **files).asking_for(SURVEY)


def question(context: Any, reference: Camera) -> Question:
    """Return what to ask about the photo of a scene.

    Args:
        context: Whose scene it is.
        reference: The photo's camera.

    Raises:
        LivescapeError: ``photo_missing``, or why there is no server.
    """
    group = properties.settings_of(context.scene)
    photo = check_photo_of(group)
    depth = named_path(group.depth_file) if group.depth_file else None
    settings = properties.chosen_settings(group)
    lens = np.round(reference.K[:2] / [[reference.width], [reference.height]], 4)
    key = (
        *file_stamp(photo), depth and file_stamp(depth), group.frame, settings.depth,
        lens.tobytes(), round(reference.width / reference.height, 3),
    )  # fmt: skip
    launch = None
    if key not in _kept:
        launch = remote_launch(context) or local_server.prepare_launch(context)
    stopped = threading.Event()
    return Question(key, readable(photo), depth, group.frame, settings, reference, launch, stopped)


def known_horizon(photo: Path) -> float | None:
    """Return the height of the photo's horizon, 0 at its top and 1 at its foot, if it is known."""
    for key, survey in reversed(_kept.items()):
        if key[:3] == file_stamp(photo):
            return survey.horizon
    return None


def known_near(scene: bpy.types.Scene) -> Survey | None:
    """Return the last survey of the scene's photo, None if there is none yet."""
    group = properties.settings_of(scene)
    if not group.photo:
        return None
    wanted = file_stamp(named_path(group.photo))
    return next((each for key, each in reversed(_kept.items()) if key[:3] == wanted), None)


def stop() -> None:
    """Forget all surveys."""
    _kept.clear()


def _survey(kind: str, meta: Mapping[str, Any], arrays: Mapping[str, Any]) -> Survey:
    """Return the survey of a chunk, of which nothing is believed unseen."""
    depth, sky = arrays.get("depth"), arrays.get("sky")
    if kind != SURVEY or depth is None or sky is None:
        raise result_invalid(f"a survey was asked for, and {kind} has come")
    if depth.ndim != 2 or depth.shape != sky.shape or not 0 < max(depth.shape) <= LONGEST_SIDE:
        raise result_invalid(f"depth and sky of the survey are {depth.shape} and {sky.shape}")
    if depth.dtype != np.float32 or not np.isfinite(depth).all() or depth.min() <= 0.0:
        raise result_invalid("the depth of the survey is not finite and positive")
    camera = Camera.from_dict(dict(meta.get("camera", {})))
    if (camera.height, camera.width) != depth.shape:
        raise result_invalid("the camera of the survey has another size than its depth")
    try:
        horizon = number(meta.get("horizon"))
    except WrongValue as error:
        raise result_invalid(f"the horizon of the survey is {error}") from error
    return Survey(np.array(depth), np.array(sky) > 0, horizon, camera)
