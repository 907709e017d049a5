"""The checkpoints that the user has put on this machine, and the motion estimator one gives.

Checkpoints stay where they are: requests never name a path, so none crosses the wire.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livescape.context.device import compute_device
from livescape.motion.flow_estimators import MOTION_ESTIMATORS, MotionInputs
from livescape.motion.network_hints import network_estimator
from livescape.networks.store import file_hash
from livescape_shared.errors import LivescapeError
from livescape_shared.settings import GenerateSettings

Float32Array = NDArray[np.float32]

METHOD = "network"
"""Value of ``settings.motion`` and of ``settings.animator`` that asks for a checkpoint."""


@dataclass(frozen=True)
class Configured:
    """What a checkpoint is for.

    Attributes:
        variable: Environment variable that names the file.
        purpose: What needs it, to begin a sentence.
        file: What the file is, to end one.
    """

    variable: str
    purpose: str
    file: str


MOTION = Configured(
    "LIVESCAPE_MOTION_CHECKPOINT",
    "Motion by network",
    "a 3D-Cinemagraphy or SLR-SFS motion file",
)
ANIMATOR = Configured(
    "LIVESCAPE_ANIMATOR_CHECKPOINT",
    "Animation by network",
    "an SLR-SFS file with encoder and projector",
)


def configured_checkpoint(wanted: Configured) -> Path:
    """Return the file that the environment names.

    Raises:
        LivescapeError: ``checkpoint_missing``.
    """
    named = os.environ.get(wanted.variable, "")
    path = Path(named).expanduser()
    if not named or not path.is_file():
        raise LivescapeError(
            "checkpoint_missing",
            f"{wanted.purpose} needs a checkpoint, and {named or 'none'} is there.",
            hint=f"Set {wanted.variable} to {wanted.file} on the server.",
        )
    return path


def checkpoint_signature(settings: GenerateSettings) -> list[str]:
    """Return what a result of ``settings`` depends on beside the request: hashes of checkpoints.

    Raises:
        LivescapeError: ``checkpoint_missing``, ``checkpoint_unreadable``.
    """
    chosen = ((settings.motion, MOTION), (settings.animator, ANIMATOR))
    return [_digest(configured_checkpoint(wanted)) if value == METHOD else ""
            for value, wanted in chosen]  # fmt: skip


def _digest(path: Path) -> str:
    try:
        return file_hash(path)
    except OSError as error:
        message = f"The checkpoint {path.name} cannot be read: {error.strerror or error}."
        raise LivescapeError("checkpoint_unreadable", message) from error


def _from_network(inputs: MotionInputs) -> Float32Array:
    if not inputs.mask.any():  # a static scene needs no checkpoint
        return np.zeros((*inputs.mask.shape, 2), np.float32)
    return network_estimator(configured_checkpoint(MOTION), device=compute_device())(inputs)


MOTION_ESTIMATORS[METHOD] = _from_network
