"""The motion checkpoint that the user has put on this machine, and the estimator it gives.

Checkpoints stay where they are: requests never name a path, so none crosses the wire.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livescape.device import compute_device
from livescape.motion.estimate import MOTION_ESTIMATORS, MotionInputs
from livescape.motion.networks.guided import network_estimator
from livescape_shared.errors import LivescapeError

Float32Array = NDArray[np.float32]

VARIABLE = "LIVESCAPE_MOTION_CHECKPOINT"
METHOD = "network"


def motion_checkpoint() -> Path:
    """Return the file that ``LIVESCAPE_MOTION_CHECKPOINT`` names.

    Raises:
        LivescapeError: ``checkpoint_missing``.
    """
    named = os.environ.get(VARIABLE, "")
    path = Path(named).expanduser()
    if not named or not path.is_file():
        raise LivescapeError(
            "checkpoint_missing",
            f"Motion by network needs a checkpoint, and {named or 'none'} is there.",
            hint=f"Set {VARIABLE} to a 3D-Cinemagraphy or SLR-SFS motion file on the server.",
        )
    return path


def checkpoint_signature(method: str) -> str:
    """Return what a result of ``method`` depends on beside the request: the checkpoint's hash.

    Raises:
        LivescapeError: ``checkpoint_missing``, ``checkpoint_unreadable``.
    """
    if method != METHOD:
        return ""
    path = motion_checkpoint()
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        message = f"The checkpoint {path.name} cannot be read: {error.strerror or error}."
        raise LivescapeError("checkpoint_unreadable", message) from error


def _from_network(inputs: MotionInputs) -> Float32Array:
    if not inputs.mask.any():  # a static scene needs no checkpoint
        return np.zeros((*inputs.mask.shape, 2), np.float32)
    return network_estimator(motion_checkpoint(), device=compute_device())(inputs)


MOTION_ESTIMATORS[METHOD] = _from_network
