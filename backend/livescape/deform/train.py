"""Joint training of the 4D Gaussians on the first frame's views and the looping animation (Eq. 8).

Trajectories, colours and opacities of the moving Gaussians are trained; still ones only lend
their colour, because the animation leaves them alone. What does not help is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.deform.basis import SINK, MovingField, basis_functions, sunk
from livescape.gaussians.color import Blend, to_blending_space, to_display
from livescape.gaussians.cpu.threads import cpu_threads
from livescape.gaussians.losses import photometric_loss
from livescape.gaussians.rasterize import rasterize
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians

Float32Array = NDArray[np.float32]

COEFFICIENT_RATE = 0.01
"""Learning rate of trajectory coefficients, in units of each Gaussian's size."""

COLOR_RATE = 0.004
LOGIT_RATE = 0.02
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


class _Trainable:
    """Tensors of the moving Gaussians and the still ones beside them."""

    def __init__(self, still: Gaussians, field: MovingField, device: str) -> None:
        def tensor(array: NDArray[np.floating]) -> Tensor:
            return torch.from_numpy(np.array(array, dtype=np.float32)).to(device)

        self.still = {name: tensor(value) for name, value in vars(still).items()}
        moving = field.gaussians
        self.field = field
        self.device = device
        self.means, self.quats, self.scales = map(
            tensor, (moving.means, moving.quats, moving.scales)
        )
        self.unit = self.scales.sort(dim=1).values[:, 1:2]
        self.initial = tensor(field.coefficients)
        self.eye = tensor(field.eye)
        opacities = tensor(moving.opacities).clamp(1e-4, 1.0 - 1e-4)
        self.delta = torch.zeros_like(self.initial).requires_grad_()
        self.logits = torch.logit(opacities).requires_grad_()
        self.colors = tensor(moving.colors).requires_grad_()

    def coefficients(self) -> Tensor:
        return self.initial + self.delta * self.unit

    def _means_at(self, s: float) -> Tensor:
        terms = len(self.initial)
        phi = torch.from_numpy(basis_functions(np.array([s]), terms)[0]).to(self.device)
        means: Tensor = self.means + torch.tensordot(phi, self.coefficients(), dims=1)
        depth = SINK * torch.from_numpy(sunk(self.field.life, s)).to(self.device)
        return means + depth[:, None] * (means - self.eye)

    def image(self, t: float, camera: Camera, blend: Blend) -> Tensor:
        """Return the display image [H, W, 3] at loop time ``t``."""
        opacities = torch.sigmoid(self.logits)
        copies = [(t, 1.0 - t)] if t == 0.0 else [(t, 1.0 - t), (t - 1.0, t)]
        count = len(copies)
        shown = [1.0 - (1.0 - opacities) ** window for _, window in copies]
        colors = to_blending_space(torch.cat([self.still["colors"], *[self.colors] * count]), blend)
        blended = rasterize(
            torch.cat([self.still["means"], *(self._means_at(s) for s, _ in copies)]),
            torch.cat([self.still["quats"], *[self.quats] * count]),
            torch.cat([self.still["scales"], *[self.scales] * count]),
            torch.cat([self.still["opacities"], *shown]),
            colors,
            torch.from_numpy(camera.viewmat[None].astype(np.float32)).to(self.device),
            torch.from_numpy(camera.K[None].astype(np.float32)).to(self.device),
            camera.width,
            camera.height,
        ).colors[0]
        return to_display(blended, blend)

    def result(self) -> MovingField:
        gaussians = replace(
            self.field.gaussians,
            opacities=torch.sigmoid(self.logits).detach().cpu().numpy(),
            colors=self.colors.detach().clamp(0.0, 1.0).cpu().numpy(),
        )
        coefficients = self.coefficients().detach().cpu().numpy()
        return replace(self.field, gaussians=gaussians, coefficients=coefficients)


def train_moving(
    still: Gaussians,
    field: MovingField,
    photo: Float32Array,
    frames: Sequence[AnimationFrame],
    mask: Float32Array,
    camera: Camera,
    *,
    iterations: int,
    blend: Blend = "linear",
    device: str = "cpu",
    progress: Callable[[int, int], None] | None = None,
) -> tuple[MovingField, dict[str, float]]:
    """Train ``field`` so that the reference view follows the animation.

    Args:
        still: Gaussians that do not move.
        field: Moving ones with their integrated trajectories.
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
    trainable = _Trainable(still, field, device)
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
        optimiser = _optimiser(trainable)
        for step in range(iterations):
            at_rest = step % FIRST_FRAME_SHARE == 0
            frame = first if at_rest else taught[step % len(taught)]
            optimiser.zero_grad(set_to_none=True)
            loss(frame).backward()
            optimiser.step()
            if progress is not None:
                progress(step + 1, iterations)
        after = judged()
    figures = {"held_out_loss_before": before, "held_out_loss_after": after}
    return (trainable.result() if after < before else field), figures


def _optimiser(trainable: _Trainable) -> torch.optim.Adam:
    groups = [
        {"params": [trainable.delta], "lr": COEFFICIENT_RATE},
        {"params": [trainable.colors], "lr": COLOR_RATE},
        {"params": [trainable.logits], "lr": LOGIT_RATE},
    ]
    return torch.optim.Adam(groups, eps=1e-15, fused=True)
