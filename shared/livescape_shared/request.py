"""One generation as the artist asked for it: bytes and numbers, no paths and no file names.

What kind of file the bytes are is told by the bytes.
"""

from __future__ import annotations

import copy
import hashlib
import json
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.camera import CameraPath
from livescape_shared.camera_arrays import (
    PATH_ARRAYS,
    check_arrays,
    path_from_arrays,
    path_to_arrays,
)
from livescape_shared.errors import LivescapeError
from livescape_shared.settings import GenerateSettings
from livescape_shared.values import mapping, number

PREVIEWS = "previews"
"""Name of the part of a submit's body that is true to be shown what is there early.

It is no part of the request: what is made is the same, and so is the job.
"""

FILES = ("photo", "depth", "mask", "hints", "flow", "clip")

SCENE, MOTION, REGIONS, SURVEY = "scene", "motion", "regions", "survey"
PURPOSES = (SCENE, MOTION, REGIONS, SURVEY)
"""A living scene; or within seconds the photo moving in 2D, outlines of what moves by itself, or
how far the things in the photo are."""


@dataclass(frozen=True)
class GenerateRequest:
    """All that a backend needs to make a scene.

    Attributes:
        camera_path: Reference camera and the camera of every frame.
        settings: What the user chose.
        photo: The image file's bytes.
        depth: Bytes of a depth map file; empty if none.
        mask: Bytes of a file that says what moves, see ``docs/inputs.md``; empty if none.
        hints: Bytes of an annotation, see :mod:`livescape_shared.annotation_files`; may be empty.
        flow: Bytes of a ``.npy`` [H, W, 2] flow in pixels per frame; may be empty.
        clip: Bytes of a short video of the place in motion; may be empty.
        purpose: What is asked for, one of :data:`PURPOSES`.
    """

    camera_path: CameraPath
    settings: GenerateSettings
    photo: bytes
    depth: bytes = b""
    mask: bytes = b""
    hints: bytes = b""
    flow: bytes = b""
    clip: bytes = b""
    purpose: str = field(default=SCENE, init=False)

    def asking_for(self, purpose: str) -> GenerateRequest:
        """Return the same request with another purpose."""
        other = copy.copy(self)
        object.__setattr__(other, "purpose", purpose)
        return other

    def job_id(self) -> str:
        """Return the content hash that names this job; equal requests have equal ids."""
        files = {name: getattr(self, name) for name in FILES}
        path = path_to_arrays(self.camera_path)
        return _job_id(path, self.camera_path.fps, self.settings, self.purpose, files)

    def body(self) -> dict[str, Any]:
        """Return the plain part for a message; all else travels as :meth:`arrays`."""
        body = {"fps": float(self.camera_path.fps), "settings": self.settings.to_dict()}
        return body if self.purpose == SCENE else {**body, "purpose": self.purpose}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the camera path's arrays, and the files that are present as arrays of bytes."""
        given = {name: getattr(self, name) for name in FILES}
        files = {name: np.frombuffer(data, np.uint8) for name, data in given.items() if data}
        return {**path_to_arrays(self.camera_path), **files}

    @classmethod
    def from_parts(
        cls, body: Mapping[str, Any], arrays: Mapping[str, NDArray[np.generic]]
    ) -> GenerateRequest:
        """Rebuild a request from :meth:`body` and :meth:`arrays`.

        Raises:
            LivescapeError: ``request_invalid`` and the codes of camera and settings.
        """
        fps, settings, purpose = _read_parts(body, arrays)
        camera_path = path_from_arrays(arrays, fps)
        files = {name: array.tobytes() for name, array in arrays.items() if name in FILES}
        return cls(camera_path=camera_path, settings=settings, **files).asking_for(purpose)


def check_parts(body: Mapping[str, Any], arrays: Mapping[str, NDArray[np.generic]]) -> str:
    """Return the job id of a request in its parts, which are checked and not copied.

    Raises:
        LivescapeError: ``request_invalid`` and the codes of camera and settings.
    """
    fps, settings, purpose = _read_parts(body, arrays)
    path = dict(zip(PATH_ARRAYS, check_arrays(arrays, fps), strict=True))
    return _job_id(path, fps, settings, purpose, arrays)


def _read_parts(
    body: Mapping[str, Any], arrays: Mapping[str, NDArray[np.generic]]
) -> tuple[float, GenerateSettings, str]:
    """Return the frames per second, the settings and the purpose of a request."""
    if "photo" not in arrays:
        raise LivescapeError("request_invalid", "The request has no photo.")
    for name, array in arrays.items():
        if name in FILES and array.dtype != np.uint8:
            raise LivescapeError("request_invalid", f"The file {name!r} is not bytes.")
    try:
        fps, settings = number(body.get("fps")), mapping(body.get("settings"))
        generate_settings = GenerateSettings.from_dict(settings)
    except (AttributeError, OverflowError, TypeError, ValueError) as error:
        message = f"The request's rate or settings cannot be read: {error}."
        raise LivescapeError("request_invalid", message) from error
    purpose = body.get("purpose", SCENE)
    if purpose not in PURPOSES:
        message = f"A request cannot ask for {reprlib.repr(purpose)}."
        raise LivescapeError("request_invalid", message)
    return fps, generate_settings, purpose


def _job_id(
    path: Mapping[str, NDArray[Any]],
    fps: float,
    settings: GenerateSettings,
    purpose: str,
    files: Mapping[str, bytes | NDArray[np.generic]],
) -> str:
    """Return the hash of a request; a file that is missing counts as an empty one."""
    body: dict[str, Any] = {"fps": float(fps), "settings": settings.to_dict()}
    if purpose != SCENE:
        body["purpose"] = purpose
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode())
    for name, array in path.items():
        digest.update(f"{name} {array.shape}".encode())
        digest.update(array.astype(array.dtype.newbyteorder("<"), copy=False).data)
    for name in FILES:
        content = files.get(name, b"")
        whole = content if isinstance(content, bytes) else content.reshape(-1).data
        digest.update(hashlib.sha256(whole).digest())
    return digest.hexdigest()[:32]
