"""Joint training of the 4D Gaussians on the first frame's views and the looping animation (Eq. 8).

Trajectories, colours and opacities of the moving Gaussians are trained; still ones are fixed,
because the animation does not change them. Training that does not help is discarded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.deform.basis import MovingField, TrainableBasis
from livescape.deform.hexplane_field import HexPlaneField, TrainableHexPlane
from livescape.deform.trainable import TrainableField
from livescape.engine.ssim import photometric_loss
from livescape.engine.threads import cpu_threads
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians
from livescape_shared.settings import Blend

Float32Array = NDArray[np.float32]
Field = TypeVar("Field", bound=MovingField | HexPlaneField)

FIRST_FRAME_SHARE = 3
"""Every third step trains on t = 0, which must stay the photo."""


@dataclass(frozen=True)
class AnimationFrame:
    """What one view shows at one moment of the loop.

    Attributes:
        t: Loop time; 0 is the photo's moment.
        image: [H, W, 3] display sRGB.
        mask: [H, W] 0..1, how much the loss counts.
        camera: Camera of that size.
    """

    t: float
    image: Float32Array
    mask: Float32Array
    camera: Camera


def train_moving(
    still: Gaussians,
    field: Field,
    frames: Sequence[AnimationFrame],
    *,
    iterations: int,
    train_trajectories: bool = True,
    blend: Blend = "linear",
    device: str = "cpu",
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Field, dict[str, float]]:
    """Train ``field`` so that every view follows its animation.

    Args:
        still: Gaussians that do not move.
        field: Moving ones with their integrated trajectories, on the basis or a HexPlane.
        frames: Frames of one or many views, those at t = 0 included; of the others every fourth is
            a validation frame.
        iterations: Steps.
        train_trajectories: Whether those on the basis train; if not, only colours and opacities
            do.
        blend: Blending space.
        device: Where to compute.
        progress: Called with (step, total); may raise to stop.

    Returns:
        The trained or the given field, whichever has the lower validation loss, and both losses.
    """
    at_rest = [frame for frame in frames if frame.t == 0.0]
    animated = [frame for frame in frames if frame.t != 0.0]
    if not len(field) or not animated or iterations == 0:
        return field, {}
    trainable = _trainable(still, field, device, train_trajectories)
    validation = animated[2::4] or animated[-1:]
    training = [frame for index, frame in enumerate(animated) if index % 4 != 2] or validation

    def loss(frame: AnimationFrame) -> Tensor:
        image, mask = (
            torch.from_numpy(np.ascontiguousarray(array, np.float32)).to(device)
            for array in (frame.image, frame.mask)
        )
        return photometric_loss(trainable.image(frame.t, frame.camera, blend), image, mask)

    def report(step: int) -> None:
        if progress is not None:
            progress(step, iterations)

    def validation_loss(step: int) -> float:
        losses = []
        for frame in (*at_rest, *validation):
            report(step)
            with torch.no_grad():
                losses.append(float(loss(frame)))
        return float(np.mean(losses))

    resting, moving = cycle(at_rest or training), cycle(_shuffled(training))
    with cpu_threads(device):
        before = validation_loss(0)
        optimiser = trainable.optimiser()
        for step in range(iterations):
            frame = next(moving if step % FIRST_FRAME_SHARE else resting)
            optimiser.zero_grad(set_to_none=True)
            (loss(frame) + trainable.penalty()).backward()
            optimiser.step()
            report(step + 1)
        after = validation_loss(iterations)
    figures = {"held_out_loss_before": before, "held_out_loss_after": after}
    return (trainable.result() if after < before else field), figures


def _shuffled(frames: Sequence[AnimationFrame]) -> list[AnimationFrame]:
    """Return the frames in an order in which few steps cover the whole loop and every view."""
    return [frames[index] for index in np.random.default_rng(0).permutation(len(frames))]


def _trainable(
    still: Gaussians, field: MovingField | HexPlaneField, device: str, train_trajectories: bool
) -> TrainableField[Any]:
    if isinstance(field, HexPlaneField):
        return TrainableHexPlane(still, field, device)
    return TrainableBasis(still, field, device, train_trajectories=train_trajectories)
