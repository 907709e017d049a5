"""Asking a server for something small and waiting for it; for a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import Cancelled, LivescapeError
from livescape_shared.request import REGIONS, GenerateRequest
from livescape_shared.scene_meta import result_invalid

from .client import Client
from .events import ChunkArrived, Connected, Event, Finished, Lost, Refused
from .launcher import Launch
from .remote import RemoteLaunch

WAIT_S = 0.02
PATIENCE_S = 20.0
"""How long a lost server may stay away."""

MOST_IMAGES = 512
MOST_CORNERS = 1_000_000


@dataclass(frozen=True)
class MovingPhoto:
    """The photo moving in 2D.

    Attributes:
        images: [n, h, w, 3] uint8 display sRGB, top row first; the last is followed by the first.
        flow: [h, w, 2] float32 pixels per frame.
        mask: [h, w] uint8, what moves.
        seconds: How long each image is shown.
        remarks: What there is to say about the drawing.
        edges: Left, top, right and bottom edge of the images, as shares of the photo.
    """

    images: NDArray[np.uint8]
    flow: NDArray[np.float32]
    mask: NDArray[np.uint8]
    seconds: float
    remarks: tuple[str, ...]
    edges: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Outline:
    """A region that moves by itself.

    Attributes:
        name: ``sky`` or ``water``.
        corners: [k, 2] in shares of the photo's width and height.
    """

    name: str
    corners: NDArray[np.float32]


def ask(
    launch: Launch | RemoteLaunch, request: GenerateRequest, stopped: threading.Event
) -> MovingPhoto | list[Outline]:
    """Return what a request for a sketch asks for; see :func:`ask_for_chunk`."""
    chunk, report = ask_for_chunk(launch, request, stopped)
    return read(request.purpose, chunk, report)


def ask_for_chunk(
    launch: Launch | RemoteLaunch, request: GenerateRequest, stopped: threading.Event
) -> tuple[ChunkArrived, Mapping[str, Any]]:
    """Return the first chunk of what is asked for, and the report; starts a server if none runs.

    Args:
        launch: Finds or starts the server.
        request: What is wanted.
        stopped: Set when nobody wants it any more.

    Raises:
        LivescapeError: What went wrong, on either side.
        Cancelled: Nobody wants it any more.
    """
    while (status := launch.poll()).state != "ready":
        if status.error is not None:
            raise status.error
        _go_on(stopped)
        time.sleep(WAIT_S)
    with Client(launch.locate, name=launch.client_name, timing=launch.timing) as client:
        job = client.submit(request)
        waiting = _Waiting()
        while True:
            for event in client.poll(WAIT_S, WAIT_S):
                if (chunk := waiting.hear(event)) is not None:
                    return chunk, waiting.report
            waiting.check()
            if stopped.is_set():
                client.cancel(job)
                client.poll(WAIT_S, WAIT_S)
            _go_on(stopped)


class _Waiting:
    """What has been heard of a job so far."""

    def __init__(self) -> None:
        self.report: Mapping[str, Any] = {}
        self._lost: tuple[float, LivescapeError] | None = None

    def hear(self, event: Event) -> ChunkArrived | None:
        """Return the result if this is it.

        Raises:
            LivescapeError: There will be none.
        """
        match event:
            case ChunkArrived():
                return event
            case Connected():
                self._lost = None
            case Refused(error=error):
                raise error
            case Finished(error=LivescapeError() as error):
                raise error
            case Finished(state="done"):
                self.report = event.report
            case Finished():
                raise Cancelled
            case Lost(error):
                self._lost = self._lost or (time.monotonic(), error)
        return None

    def check(self) -> None:
        """Give a server up that has been away for too long.

        Raises:
            LivescapeError: It is away.
        """
        if self._lost is not None and time.monotonic() - self._lost[0] > PATIENCE_S:
            raise self._lost[1]


def read(
    purpose: str, chunk: ChunkArrived, report: Mapping[str, Any]
) -> MovingPhoto | list[Outline]:
    """Return what a chunk holds, none of it believed unseen.

    Raises:
        LivescapeError: ``result_invalid``.
    """
    if chunk.kind != purpose:
        raise result_invalid(f"it is {chunk.kind[:40]} instead of {purpose}")
    return _regions(chunk) if purpose == REGIONS else _moving(chunk, report)


def _moving(chunk: ChunkArrived, report: Mapping[str, Any]) -> MovingPhoto:
    images = _array(chunk, "images", np.uint8, 4)
    count, height, width, channels = images.shape
    mask, flow = _array(chunk, "mask", np.uint8, 2), _array(chunk, "flow", np.float32, 3)
    fits = mask.shape == (height, width) and flow.shape == (height, width, 2)
    if not (0 < count <= MOST_IMAGES and channels == 3 and fits and np.isfinite(flow).all()):
        raise result_invalid(f"images {images.shape}, mask {mask.shape} and flow {flow.shape}")
    values = [chunk.meta.get("frames_per_image"), chunk.meta.get("fps")]
    edges = chunk.meta.get("edges")
    numbers = [*values, *(edges if isinstance(edges, list) else ())]
    if len(numbers) != 6 or not all(isinstance(each, int | float) for each in numbers):
        raise result_invalid("nothing says how fast and where in the photo it is")
    step, fps, left, top, right, bottom = (float(each) for each in numbers if each is not None)
    if not (np.isfinite(numbers).all() and step > 0 and fps > 0):
        raise result_invalid(f"{step} frames at {fps} per second")
    remarks = report.get("remarks", ())
    told = tuple(str(each) for each in remarks) if isinstance(remarks, list | tuple) else ()
    return MovingPhoto(images, flow, mask, step / fps, told, (left, top, right, bottom))


def _regions(chunk: ChunkArrived) -> list[Outline]:
    corners = _array(chunk, "corners", np.float32, 2)
    names, counts = chunk.meta.get("names"), chunk.meta.get("counts")
    if not (isinstance(names, list) and isinstance(counts, list) and len(names) == len(counts)):
        raise result_invalid("its regions have no names")
    if not all(isinstance(count, int) and 3 <= count <= MOST_CORNERS for count in counts):
        raise result_invalid("a region has no corners")
    if corners.shape != (sum(counts), 2) or not np.isfinite(corners).all():
        raise result_invalid(f"its corners are {corners.shape}")
    parts = np.split(corners, np.cumsum(counts)[:-1]) if counts else []
    return [Outline(str(name), part) for name, part in zip(names, parts, strict=True)]


def _array(chunk: ChunkArrived, name: str, dtype: Any, axes: int) -> NDArray[Any]:
    array = chunk.arrays.get(name)
    if array is None or array.dtype != dtype or array.ndim != axes:
        raise result_invalid(f"{chunk.kind} has no {name}")
    return np.asarray(array)


def _go_on(stopped: threading.Event) -> None:
    if stopped.is_set():
        raise Cancelled
