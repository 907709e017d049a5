"""The environment variables that a user may set, each read here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from livescape_shared.connection import default_state_dir
from livescape_shared.files import at_home

DEVICE = "LIVESCAPE_DEVICE"
THREADS = "LIVESCAPE_THREADS"
MODELS = "LIVESCAPE_MODELS"
CACHE_GB = "LIVESCAPE_CACHE_GB"
MOTION_CHECKPOINT = "LIVESCAPE_MOTION_CHECKPOINT"
ANIMATOR_CHECKPOINT = "LIVESCAPE_ANIMATOR_CHECKPOINT"

DEFAULT_CACHE_GB = 10.0


@dataclass(frozen=True)
class Checkpoints:
    """The user's own network files, None where there is none.

    Attributes:
        motion: Finds the motion of a photo.
        animator: Animates a view.
    """

    motion: Path | None = None
    animator: Path | None = None


@dataclass(frozen=True)
class Environment:
    """What the user has set about this machine.

    Attributes:
        device: ``cpu`` to leave a GPU alone; empty to use it.
        threads: Threads of the CPU engine; None for one a core.
        models: Folder of downloaded models.
        cache_bytes: Most that the stage cache may hold.
        checkpoints: The user's own network files.
    """

    device: str
    threads: int | None
    models: Path
    cache_bytes: int
    checkpoints: Checkpoints

    @classmethod
    def read(cls, variables: Mapping[str, str] | None = None) -> Environment:
        """Return what ``variables`` say, those of the process by default.

        A number that is none counts as not set.
        """
        found = os.environ if variables is None else variables
        models = found.get(MODELS, "")
        return cls(
            device=found.get(DEVICE, ""),
            threads=int(_positive(found.get(THREADS, ""), 0)) or None,
            models=at_home(Path(models)) if models else default_state_dir() / "models",
            cache_bytes=int(_positive(found.get(CACHE_GB, ""), DEFAULT_CACHE_GB) * 1e9),
            checkpoints=Checkpoints(
                motion=_path(found.get(MOTION_CHECKPOINT, "")),
                animator=_path(found.get(ANIMATOR_CHECKPOINT, "")),
            ),
        )


def _positive(text: str, default: float) -> float:
    try:
        number = float(text)
    except ValueError:
        return default
    return number if 0 < number < float("inf") else default


def _path(text: str) -> Path | None:
    return at_home(Path(text)) if text else None
