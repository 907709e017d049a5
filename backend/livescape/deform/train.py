"""Joint training of the 4D Gaussians on the first frame's views and the looping animation (Eq. 8).

Trajectories, colours and opacities of the moving Gaussians are trained; still ones only lend
their colour, because the animation leaves them alone. What does not help is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.deform.basis import MovingField
from livescape.deform.hexplane_field import HexPlaneField
from livescape.deform.trainable import Field, TrainableField
from livescape.deform.trainable_basis import TrainableBasis
from livescape.deform.trainable_hexplane import TrainableHexPlane
from livescape.gaussians.cpu.threads import cpu_threads
from livescape.gaussians.losses import photometric_loss
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians
from livescape_shared.settings import Blend

Float32Array = NDArray[np.float32]

FIRST_FRAME_SHARE = 3
"""Every third step looks at t = 0, which must stay the photo."""


@dataclass(frozen=True)
class AnimationFrame:
    """One frame of the looping animation of the reference view.

    Attributes:
        t: Loop time.
        image: [H, W, 3] display sRGB.
    """

    t: float
    image: Float32Array


def train_moving(
    still: Gaussians,
    field: Field,
    photo: Float32Array,
    frames: Sequence[AnimationFrame],
    mask: Float32Array,
    camera: Camera,
    *,
    iterations: int,
    blend: Blend = "linear",
    device: str = "cpu",
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Field, dict[str, float]]:
    """Train ``field`` so that the reference view follows the animation.

    Args:
        still: Gaussians that do not move.
        field: Moving ones with their integrated trajectories, on the basis or a HexPlane.
        photo: [H, W, 3] the reference view at t = 0.
        frames: Frames of the animation; every fourth is held out to judge by.
        mask: [H, W] 0..1, where the loss counts.
        camera: Reference camera of that size.
        iterations: Steps.
        blend: Blending space.
        device: Where to compute.
        progress: Called with (step, total); may raise to stop.

    Returns:
        The better of the trained and the given field by held-out loss, and both losses.
    """
    if not len(field) or not frames or iterations == 0:
        return field, {}
    trainable = _trainable(still, field, device)
    weight = torch.from_numpy(mask.astype(np.float32)).to(device)
    held_out = list(frames[2::4]) or list(frames[-1:])
    taught = [frame for index, frame in enumerate(frames) if index % 4 != 2] or held_out
    first = AnimationFrame(0.0, photo)

    def loss(frame: AnimationFrame) -> Tensor:
        target = torch.from_numpy(np.ascontiguousarray(frame.image)).to(device)
        return photometric_loss(trainable.image(frame.t, camera, blend), target, weight)

    def judged() -> float:
        with torch.no_grad():
            return float(np.mean([float(loss(frame)) for frame in (first, *held_out)]))

    threads: AbstractContextManager[object] = cpu_threads() if device == "cpu" else nullcontext()
    with threads:
        before = judged()
        optimiser = trainable.optimiser()
        for step in range(iterations):
            at_rest = step % FIRST_FRAME_SHARE == 0
            frame = first if at_rest else taught[step % len(taught)]
            optimiser.zero_grad(set_to_none=True)
            (loss(frame) + trainable.penalty()).backward()
            optimiser.step()
            if progress is not None:
                progress(step + 1, iterations)
        after = judged()
    figures = {"held_out_loss_before": before, "held_out_loss_after": after}
    return (trainable.result() if after < before else field), figures


def _trainable(
    still: Gaussians, field: MovingField | HexPlaneField, device: str
) -> TrainableField[Any]:
    if isinstance(field, HexPlaneField):
        return TrainableHexPlane(still, field, device)
    return TrainableBasis(still, field, device)
