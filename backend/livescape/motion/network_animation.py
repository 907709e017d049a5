"""The looping animation of one view by the SLR-SFS network and the user's checkpoint of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.networks.architectures.slrsfs import load_animator
from livescape_shared.errors import LivescapeError

Float32Array = NDArray[np.float32]


def animate_with_network(
    image: NDArray[np.floating],
    flow: NDArray[np.floating],
    frames: Sequence[int],
    loop_frames: int,
    checkpoint: Path,
    *,
    mask: NDArray[np.floating] | None = None,
    device: str | torch.device = "cpu",
) -> Iterator[Float32Array]:
    """Yield the image [H, W, 3] at each of ``frames``, moving along ``flow``.

    Unlike :func:`livescape.motion.animate.animate`, frame 0 is the network's own picture of the
    photo, close to it and not equal, so that moving parts do not flash when the loop closes.

    Args:
        image: [H, W, 3] in 0..1.
        flow: [H, W, 2] pixels per frame, Eulerian; all zero yields the photo.
        frames: Frame numbers, of any order; taken modulo ``loop_frames``.
        loop_frames: N.
        checkpoint: File of SLR-SFS that holds encoder and projector.
        mask: [H, W] in 0..1; where it is 0 the photo stays as it is. All moves by default.
        device: Where to compute.

    Raises:
        LivescapeError: ``checkpoint_mismatch``, ``checkpoint_unsafe``, ``checkpoint_unreadable``;
            ``flow_invalid`` if the flow is not finite.
    """
    size = image.shape[:2]
    if image.shape != (*size, 3) or flow.shape != (*size, 2):
        raise ValueError(f"image {image.shape} and flow {flow.shape} differ")
    if mask is not None and mask.shape != size:
        raise ValueError(f"image {image.shape} and mask {mask.shape} differ")
    if loop_frames < 1:
        raise ValueError(f"a loop of {loop_frames} frames")
    if not np.isfinite(flow).all():
        message = "The flow has values that are not finite numbers."
        raise LivescapeError("flow_invalid", message, hint="Fill unknown pixels with zero.")
    picture = np.ascontiguousarray(image, dtype=np.float32)
    steps = [frame % loop_frames for frame in frames]
    if not np.any(flow) or (mask is not None and not np.any(mask > 0)):
        return (picture.copy() for _ in steps)
    animated = _animated(picture, flow, steps, loop_frames, checkpoint, device)
    if mask is None:
        return animated
    share = mask[..., None].astype(np.float32)
    return (picture + share * (frame - picture) for frame in animated)


def _animated(
    picture: Float32Array,
    flow: NDArray[np.floating],
    steps: Sequence[int],
    loop_frames: int,
    checkpoint: Path,
    device: str | torch.device,
) -> Iterator[Float32Array]:
    network = load_animator(checkpoint, device)
    motion = _channels_first(flow).to(device)
    with torch.inference_mode():
        features, importance = network.encode(_channels_first(picture).to(device) * 2 - 1)
    for step in steps:
        with torch.inference_mode():
            frame = network.frame(features, importance, motion, step, loop_frames)
            shown = (frame.permute(1, 2, 0) * 0.5 + 0.5).clamp(0, 1)
        yield shown.cpu().numpy()


def _channels_first(image: NDArray[np.floating]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(image, np.float32)).permute(2, 0, 1)
