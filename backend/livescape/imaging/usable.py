"""Whether a picture shows a scene, in a shape that can be worked on."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livescape.imaging.panorama import is_panorama
from livescape_shared.errors import LivescapeError

LEAST_SIDE: Final = 16
"""Pixels that the short side of a picture needs at the size at which it is worked on."""

LONGEST: Final = 2.8
"""Sides from whose ratio on a picture is rarely one of a lens; the widest of film are 2.76."""

_FAINTEST: Final = 2.0 / 255.0
"""Range of colours below which a picture shows nothing."""

_APART: Final = 16
"""Distance in pixels of those that are looked at first."""


def check_shows_scene(data: bytes, image: NDArray[np.floating]) -> None:
    """Refuse what shows nothing, or shows it in a way that no lens does.

    Args:
        data: The file.
        image: [H, W, 3], decoded; what is transparent is white.

    Raises:
        LivescapeError: ``photo_empty`` or ``photo_shape``.
    """
    # Of a picture that shows something, a few pixels do, in a hundredth of the time.
    some = image[::_APART, ::_APART]
    if _contrast(some) < _FAINTEST and _contrast(image) < _FAINTEST:
        raise LivescapeError(
            "photo_empty",
            "The photo shows nothing: it has one colour, or is transparent, everywhere.",
            hint="Save it with its background. One of linear light may need the setting Exposure.",
        )
    if is_panorama(data, image):
        raise LivescapeError(
            "photo_shape",
            "The photo is a panorama of 360 degrees, which no lens sees at once.",
            hint="Cut a view of at most 100 degrees out of it with a panorama viewer.",
        )


def _contrast(image: NDArray[np.floating]) -> float:
    """Return the largest difference of two pixels' values in a channel of an image [H, W, 3]."""
    return float(np.ptp(image.reshape(-1, 3), axis=0).max())


def shape_remarks(width: int, height: int) -> tuple[str, ...]:
    """Return what to say of a picture that is so long that no one lens has seen it."""
    ratio = max(width, height) / min(width, height)
    if ratio < LONGEST:
        return ()
    return (
        f"The photo is {ratio:.1f} times as long as it is wide, and is treated as one that a lens "
        "has seen. In a panorama put together of several, straight lines are bent, and the camera "
        "moves right in its middle only: cut a view out of it.",
    )


def check_shape(photo: tuple[int, int], working: tuple[int, int]) -> None:
    """Refuse a strip whose short side nothing is left of at the working size.

    Args:
        photo: Width and height of the photo.
        working: Width and height at which it is worked on.

    Raises:
        LivescapeError: ``photo_shape`` or ``photo_too_small``.
    """
    if min(working) >= LEAST_SIDE:
        return
    size = f"{photo[0]} x {photo[1]}"
    if photo == working:
        message = f"The photo has {size} pixels; each side needs at least {LEAST_SIDE}."
        raise LivescapeError("photo_too_small", message, hint="Use a larger version of the photo.")
    raise LivescapeError(
        "photo_shape",
        f"The photo is a strip of {size} pixels; at the size at which it is worked on, its short "
        f"side has {min(working)} of at least {LEAST_SIDE}.",
        hint="Crop it to at most three times as long as it is high, or raise Working Size.",
    )
