"""What is compared: anything that is told something about a photo and then shows frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from livescape.imaging.sampling import resize, resize_image
from livescape.motion.flow_estimators import rescale_flow
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Known:
    """What is known of the photo, true or estimated.

    Attributes:
        image: [H, W, 3] display sRGB.
        camera: Its camera.
        depth: [H, W] metres along z, sky far away.
        mask: [H, W] 0..1, what moves.
        flow: [H, W, 2] pixels per frame.
    """

    image: Float32Array
    camera: Camera
    depth: Float32Array
    mask: Float32Array
    flow: Float32Array

    def motion_at(self, width: int, height: int) -> tuple[Float32Array, Float32Array]:
        """Return mask [H, W] and flow [H, W, 2] for the photo at another size."""
        mask = np.asarray(resize(self.mask, width, height), dtype=np.float32)
        return mask, rescale_flow(self.flow, width, height)


@dataclass(frozen=True)
class Shown:
    """A contender's picture.

    Attributes:
        image: [H, W, 3] display sRGB.
        uncovered: [H, W] bool, where it had nothing of its own to show.
    """

    image: Float32Array
    uncovered: Mask


class Contender(Protocol):
    """Shows any frame of its loop to any camera."""

    def show(self, camera: Camera, frame: int) -> Shown:
        """Return what ``camera`` sees at a frame, 0..loop_frames."""


class UnmovedPhoto:
    """The photo itself, whatever the camera and the time: what every method must beat."""

    def __init__(self, image: Float32Array) -> None:
        """Keep the photo [H, W, 3]."""
        self._image = image

    def show(self, camera: Camera, frame: int) -> Shown:
        """Return the photo, scaled to the camera's picture."""
        image = resize_image(self._image, camera.width, camera.height)
        return Shown(image, np.zeros(image.shape[:2], bool))
