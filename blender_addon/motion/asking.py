"""A question to a server about the photo, asked beside Blender, and the moving photo it brings."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..bridge.errand import Errand
from ..bridge.sketch import MovingPhoto, Outline, ask
from ..generate import local_server
from ..servers.choice import remote_launch
from .request import Plan, plan_of


class Shown:
    """A moving photo on show.

    Args:
        photo: What is shown.
        scene_id: Of the scene whose photo it is.
        plan: What it was made of.
    """

    def __init__(self, photo: MovingPhoto, scene_id: int, plan: Plan) -> None:
        self.photo, self.scene_id, self.plan = photo, scene_id, plan
        self.pixels = _as_pixels(photo.images)
        self.textures: dict[int, Any] = {}
        self._began = time.monotonic()

    def index(self) -> int:
        """Return the number of the image to show now."""
        shown = (time.monotonic() - self._began) / self.photo.seconds
        return int(shown) % len(self.photo.images)


class AlreadyAsked(Exception):
    """There is nothing to ask."""


class Asking:
    """One question, begun at once.

    Args:
        context: Of whose scene the photo is.
        purpose: ``motion`` or ``regions``.
        known: A photo about which nothing needs to be asked.

    Raises:
        LivescapeError: What is missing or wrong; nothing is asked then.
        AlreadyAsked: It is about the photo that is known.
    """

    def __init__(self, context: Any, purpose: str, *, known: tuple[Any, ...] | None = None) -> None:
        scene = context.scene
        self.purpose = purpose
        self.scene_id = scene_id = scene.session_uid
        self.plan = plan = plan_of(scene, context.evaluated_depsgraph_get(), purpose)
        if plan.photo == known:
            raise AlreadyAsked
        self._launch = launch = remote_launch(context) or local_server.prepare_launch(context)
        self._stopped = stopped = threading.Event()
        self._errand = Errand(lambda: _answer(launch, plan, scene_id, stopped))

    def poll(self, wait_s: float = 0.0) -> Shown | list[Outline] | None:
        """Return the answer, None while there is none.

        Raises:
            LivescapeError: There will be none.
            Cancelled: It was stopped.
        """
        local_server.remember(self._launch)
        return self._errand.poll(wait_s)

    def stop(self) -> None:
        """Want it no more."""
        self._stopped.set()


def _answer(
    launch: Any, plan: Plan, scene_id: int, stopped: threading.Event
) -> Shown | list[Outline]:
    """Wait for the answer, in the errand's thread; what takes long about it is done there too."""
    found = ask(launch, plan.request(), stopped)
    return Shown(found, scene_id, plan) if isinstance(found, MovingPhoto) else found


def _as_pixels(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return images as textures take them: [n, h * w * 4] float32, bottom row first."""
    count, height, width, _ = images.shape
    pixels = np.ones((count, height, width, 4), np.float32)
    np.multiply(images[:, ::-1], np.float32(1.0 / 255.0), out=pixels[..., :3], casting="unsafe")
    return pixels.reshape(count, -1)
