"""What earlier runs have taken, kept in a small file in the extension's user folder."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file
from livescape_shared.request import GenerateRequest

from ..user_folder import user_folder

LOGGER = logging.getLogger(__name__)

FILE = "durations.json"
MOST_KINDS = 60
"""Kinds of runs that are remembered; the ones that were seen last stay."""

FEWEST_STAGES = 5
"""Stages of a run that teaches something: one that was found ready took none of its own time."""

FOUND_READY = 0.25
"""Part of its known time below which a stage was found ready, from an earlier run."""


_FREE = ("seed", "speed", "blend", "view_margin", "deform_terms")
"""Settings that do not change how long a run takes."""


def kind_of(server: str, request: GenerateRequest) -> str:
    """Return the kind of a run: those of one kind take about as long on one server.

    Args:
        server: Name of the server, empty for this computer.
        request: What is asked for.
    """
    chosen = request.settings.to_dict()
    values = {name: value for name, value in chosen.items() if name not in _FREE}
    told = json.dumps([values, len(request.camera_path.cameras) // 24], sort_keys=True)
    return f"{server or 'here'} {hashlib.sha256(told.encode()).hexdigest()[:16]}"


def known(kind: str) -> dict[str, float]:
    """Return the seconds of every stage of such runs, in order; empty if there were none."""
    return dict(_read().get(kind, {}).get("stages", {}))


def learn(kind: str, seconds: Mapping[str, float]) -> None:
    """Remember what a run has taken."""
    if len(seconds) < FEWEST_STAGES:
        return
    runs = _read()
    before = runs.get(kind, {}).get("stages", {})
    stages = {name: _merged(before.get(name), value) for name, value in seconds.items()}
    runs[kind] = {"stages": stages, "seen": time.time()}
    newest = sorted(runs, key=lambda name: runs[name]["seen"])[-MOST_KINDS:]
    try:
        with whole_file(_place()) as partial:
            partial.write_text(json.dumps({name: runs[name] for name in newest}), encoding="utf-8")
    except (LivescapeError, OSError) as error:
        LOGGER.warning("how long this took is not remembered: %s", error)


def _merged(before: float | None, now: float) -> float:
    if before is None:
        return round(now, 2)
    return round(before if now < FOUND_READY * before else (before + now) / 2.0, 2)


def _read() -> dict[str, Any]:
    """Return what is kept; what cannot be read teaches nothing."""
    try:
        stored = json.loads(_place().read_text(encoding="utf-8"))
        return {
            str(name): {
                "stages": {str(stage): float(value) for stage, value in run["stages"].items()},
                "seen": float(run["seen"]),
            }
            for name, run in stored.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _place() -> Path:
    return user_folder(create=True) / FILE
