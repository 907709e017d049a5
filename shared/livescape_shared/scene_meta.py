"""Reads the description of a scene, as it was sent or stored, and believes nothing in it unseen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from livescape_shared.errors import LivescapeError
from livescape_shared.limits import MAX_GAUSSIANS
from livescape_shared.scene import SceneMeta
from livescape_shared.settings import BLENDS, Blend

MAX_LOOP_FRAMES = 100_000


def result_invalid(what: str) -> LivescapeError:
    """Return the error of a scene that makes no sense."""
    return LivescapeError(
        "result_invalid",
        f"The server sent a scene that is not consistent: {what}.",
        hint="Generate the scene again; please report it if it happens again.",
    )


def _whole(meta: Mapping[str, Any], name: str, low: int, high: int) -> int:
    value = meta.get(name)
    if type(value) is not int or not low <= value <= high:
        raise result_invalid(f"its {name} is {value!r:.40}")
    return value


def read_meta(meta: Mapping[str, Any]) -> SceneMeta:
    """Return the scene's description, checked; unknown fields are ignored.

    Raises:
        LivescapeError: ``result_invalid``.
    """
    fps, blend = meta.get("fps"), meta.get("blend")
    if isinstance(fps, bool) or not isinstance(fps, int | float) or not 0.1 <= fps <= 1000.0:
        raise result_invalid(f"its fps is {fps!r:.40}")
    loop, fade, deforms = meta.get("loop"), meta.get("fade"), meta.get("deforms", True)
    for name, value in (("loop", loop), ("deforms", deforms)):
        if not isinstance(value, bool):
            raise result_invalid(f"its {name} is {value!r:.40}")
    if isinstance(fade, bool) or not isinstance(fade, int | float) or not 0.0 < fade <= 1.0:
        raise result_invalid(f"its fade is {fade!r:.40}")
    if not isinstance(blend, str) or blend not in BLENDS:
        raise result_invalid(f"its blend is {blend!r:.40}")
    return SceneMeta(
        static=_whole(meta, "static", 0, MAX_GAUSSIANS),
        moving=_whole(meta, "moving", 0, MAX_GAUSSIANS),
        loop_frames=_whole(meta, "loop_frames", 1, MAX_LOOP_FRAMES),
        loop=bool(loop),
        fade=float(fade),
        start_frame=_whole(meta, "start_frame", -(2**31), 2**31 - 1),
        fps=float(fps),
        blend=cast(Blend, blend),
        deforms=bool(deforms),
    )
