"""What a generation takes of memory and disk, told by its settings before it begins.

Constants are measured; tests compare what is said with real runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from livescape_shared.settings import GenerateSettings, frames_of_motion

PROCESS_BYTES, OWN_BYTES = 360e6, 480e6
"""Of a worker with all it has loaded, and of what any generation holds besides."""

VIEW_PIXEL_BYTES = 131.0
"""For each pixel of each training view."""

PHOTO_PIXEL_BYTES, LIGHT_PIXEL_BYTES = 18.0, 31.0
"""For each pixel of the photo while it is read, before any view is made; of one with light beyond
white."""

LIGHT_FILES = (".exr", ".hdr")
"""Ends of names of photos that may have it, in lower case."""

STORED_BYTES = 80.0
"""On disk for each Gaussian."""

POINT_BYTES = 12.0
"""On disk for each place of a Gaussian that moves, at each frame."""

OWN_FILES_BYTES = 1e5
"""On disk for what any scene has besides."""

VIEWS = {"released": 25, "paper": 105}
"""Training views of the sets whose number is fixed."""

DEFORMING = ("hexplane", "drift")
"""Models in which shapes change, so that four points of each Gaussian are played."""

COARSE_GAUSSIANS = 24_000
"""Of a scene that is shown on the way."""


@dataclass(frozen=True)
class Estimate:
    """What a generation takes.

    Attributes:
        memory: Bytes of main memory on the machine that makes it, without a graphics card's own.
        disk: Bytes beside the .blend, at most: as if all of the scene moved, and with what is
            shown on the way, which goes later.
    """

    memory: float
    disk: float


def estimate(
    settings: GenerateSettings,
    photo: tuple[int, int],
    passed: int,
    *,
    previews: bool,
    light: bool = False,
) -> Estimate:
    """Return what a generation takes.

    Args:
        settings: Of the generation.
        photo: Width and height of the photo.
        passed: Frames that pass from the camera's first to its last.
        previews: Whether scenes are shown on the way.
        light: Whether the photo may have light beyond white.
    """
    pixels = float(photo[0] * photo[1])
    shrunk = min(1.0, settings.working_size / max(1, *photo)) ** 2
    views = VIEWS.get(settings.view_set, settings.views)
    made = OWN_BYTES + VIEW_PIXEL_BYTES * views * pixels * shrunk
    memory = PROCESS_BYTES + max(made, (LIGHT_PIXEL_BYTES if light else PHOTO_PIXEL_BYTES) * pixels)
    disk = _scene_bytes(settings, settings.gaussian_budget, passed)
    if previews:  # the fitted scene, and before it the coarse one that stands and that moves
        coarse = _scene_bytes(settings, COARSE_GAUSSIANS, passed)
        disk += coarse + COARSE_GAUSSIANS * STORED_BYTES
        if settings.deform_iterations:
            disk += _scene_bytes(settings, settings.gaussian_budget, passed)
    return Estimate(memory, disk)


def _scene_bytes(settings: GenerateSettings, gaussians: int, passed: int) -> float:
    """Return the bytes of a scene all of which moves."""
    stored = OWN_FILES_BYTES + STORED_BYTES * gaussians
    if settings.motion == "none":
        return stored
    points = 4 if settings.deform in DEFORMING else 1
    return stored + POINT_BYTES * points * gaussians * (frames_of_motion(settings, passed) + 1)
