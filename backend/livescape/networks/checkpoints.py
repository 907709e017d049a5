"""The checkpoint files that the user has put on this machine.

They stay where they are: requests contain no paths, so none is sent over the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from livescape.context import Context
from livescape.context.environment import ANIMATOR_CHECKPOINT, MOTION_CHECKPOINT
from livescape.networks.hashes import file_hash
from livescape_shared.errors import LivescapeError
from livescape_shared.settings import GenerateSettings

METHOD = "network"
"""Value of ``settings.motion`` and of ``settings.animator`` that asks for a checkpoint."""


@dataclass(frozen=True)
class Need:
    """What a checkpoint is for.

    Attributes:
        variable: Environment variable that names the file.
        purpose: What needs it, as the beginning of a sentence.
        file: What the file is, as the end of a sentence.
    """

    variable: str
    purpose: str
    file: str


MOTION = Need(MOTION_CHECKPOINT, "Motion by network", "a 3D-Cinemagraphy or SLR-SFS motion file")
ANIMATOR = Need(
    ANIMATOR_CHECKPOINT, "Animation by network", "an SLR-SFS file with encoder and projector"
)


def required_checkpoint(path: Path | None, need: Need) -> Path:
    """Return ``path``, a file that is there.

    Raises:
        LivescapeError: ``checkpoint_missing``.
    """
    if path is not None and path.is_file():
        return path
    found = f"there is no file {path}" if path else "none is set"
    raise LivescapeError(
        "checkpoint_missing",
        f"{need.purpose} needs a checkpoint, and {found}.",
        hint=f"Set {need.variable} to {need.file} on the server.",
    )


def checkpoints_identity(context: Context, settings: GenerateSettings) -> list[str]:
    """Return the hash of each checkpoint that ``settings`` ask for, empty where they do not.

    Raises:
        LivescapeError: ``checkpoint_missing``, ``checkpoint_unreadable``.
    """
    own = context.checkpoints
    chosen = (
        (settings.motion, own.motion, MOTION),
        (settings.animator, own.animator, ANIMATOR),
    )
    return [_identity(path, need) if value == METHOD else "" for value, path, need in chosen]


def _identity(path: Path | None, need: Need) -> str:
    file = required_checkpoint(path, need)
    try:
        return file_hash(file)
    except OSError as error:
        message = f"The checkpoint {file.name} cannot be read: {error.strerror or error}."
        raise LivescapeError("checkpoint_unreadable", message) from error
