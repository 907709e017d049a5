"""Eulerian flow of a photo by a published motion network and the user's checkpoint of it."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from livescape.networks.architectures.spade_unet import STRIDE, SpadeUNet
from livescape.networks.tensor_file import read_tensors
from livescape.networks.weights import load_weights
from livescape_shared.errors import LivescapeError

Float32Array = NDArray[np.float32]

NETWORK_SIZE = 768
"""Side of the square that the published demos run the network on."""

MOTION_PREFIXES = (
    "netG.motion_predictor.",  # 3D-Cinemagraphy, sceneflow_model.pth
    "state_dict.model.module.motion_predictor.",  # SLR-SFS, motion2*.pth
    "state_dict.model.module.motion_regressor.motion_predictor.",  # SLR-SFS, baseline2+motion2*
    "model.module.motion_predictor.",  # the same, resaved without the section
    "model.module.motion_regressor.motion_predictor.",
    "motion_predictor.",
)
"""Where the motion network stands in the published files."""

_BLUR = 15


def estimate_with_network(
    image: NDArray[np.floating],
    mask: NDArray[np.floating],
    hint_flow: NDArray[np.floating],
    checkpoint: Path,
    *,
    size: int = NETWORK_SIZE,
    device: str | torch.device = "cpu",
) -> Float32Array:
    """Estimate the flow of a photo within a mask, guided by hints.

    Args:
        image: [H, W, 3] in 0..1.
        mask: [H, W] in 0..1; empty means a static scene, and the network is not run.
        hint_flow: [H, W, 2] dense hints in pixels per frame of this image, as
            :func:`livescape.motion.hints.densify_hints` makes them.
        checkpoint: File of 3D-Cinemagraphy or SLR-SFS.
        size: Side of the square that the network sees, a multiple of 256.
        device: Where to compute.

    Returns:
        [H, W, 2] pixels per frame of this image size, zero outside the mask.

    Raises:
        LivescapeError: ``checkpoint_mismatch``, ``checkpoint_unsafe``, ``checkpoint_unreadable``;
            ``flow_invalid`` if the hints are not finite.
    """
    height, width = mask.shape
    if image.shape != (height, width, 3) or hint_flow.shape != (height, width, 2):
        raise ValueError(f"image {image.shape}, mask {mask.shape}, hints {hint_flow.shape} differ")
    if size < STRIDE or size % STRIDE:
        raise ValueError(f"size {size} is not a multiple of {STRIDE}")
    if not np.isfinite(hint_flow).all():
        message = "The hints have values that are not finite numbers."
        raise LivescapeError("flow_invalid", message, hint="Draw them again.")
    if not np.any(mask > 0):
        return np.zeros((height, width, 2), np.float32)
    network = load_motion_network(checkpoint, device)
    condition = network_input(image, mask, hint_flow, size).to(device)
    with torch.inference_mode():
        flow = postprocess(network(condition), condition[:, 3:4], width, height)
    found = flow[0].permute(1, 2, 0).cpu().numpy()
    if not np.isfinite(found).all():
        raise LivescapeError(
            "checkpoint_mismatch",
            "The network in this checkpoint gives values that are not finite.",
            hint="Choose the file that belongs to this setting.",
        )
    return np.asarray(np.where((mask > 0)[..., None], found, 0.0), dtype=np.float32)


def load_motion_network(checkpoint: Path, device: str | torch.device = "cpu") -> SpadeUNet:
    """Return the motion network of a file, ready to run; the last one is cached.

    Raises:
        LivescapeError: ``checkpoint_mismatch``, ``checkpoint_unsafe``, ``checkpoint_unreadable``.
    """
    changed = checkpoint.stat().st_mtime_ns if checkpoint.is_file() else 0
    return _loaded(checkpoint, changed, str(device))


@functools.lru_cache(maxsize=1)
def _loaded(checkpoint: Path, _changed: int, device: str) -> SpadeUNet:
    with torch.device("meta"):
        network = SpadeUNet()
    load_weights(network, read_tensors(checkpoint), MOTION_PREFIXES)
    return network.eval().requires_grad_(False).to(device)


def network_input(
    image: NDArray[np.floating],
    mask: NDArray[np.floating],
    hint_flow: NDArray[np.floating],
    size: int,
) -> Tensor:
    """Return the condition [1, 6, size, size]: RGB in -1..1, mask, hints in the square's pixels.

    The photo is resized bicubically, the mask by area, the hints bilinearly, as published.
    """
    height, width = mask.shape
    photo = F.interpolate(_batch(image), (size, size), mode="bicubic", antialias=True)
    moving = F.interpolate(_batch(mask[..., None]), (size, size), mode="area")
    hints = F.interpolate(_batch(hint_flow), (size, size), mode="bilinear", align_corners=False)
    hints = hints * torch.tensor([size / width, size / height]).reshape(1, 2, 1, 1)
    return torch.cat((photo.clamp(0, 1) * 2 - 1, moving, hints), dim=1)


def postprocess(
    motion: Tensor, mask: Tensor, width: int, height: int, *, passes: int = 1
) -> Tensor:
    """Mask and smooth the network's motion and bring it to the photo's size.

    Args:
        motion: [B, 2, h, w] pixels per frame of this size.
        mask: [B, 1, h, w] in 0..1.
        width: W of the photo.
        height: H of the photo.
        passes: Box blurs of 15 x 15, masked after each. The released code of 3D-Cinemagraphy
            loops seven times but, by a slip, blurs once; its results are those of one.

    Returns:
        [B, 2, H, W] pixels per frame of the photo.
    """
    motion = motion * mask
    for _ in range(passes):
        motion = F.avg_pool2d(motion, _BLUR, stride=1, padding=_BLUR // 2) * mask
    factor = motion.new_tensor([width / motion.shape[-1], height / motion.shape[-2]])
    scaled = motion * factor.reshape(1, 2, 1, 1)
    return F.interpolate(scaled, (height, width), mode="bilinear", align_corners=False)


def _batch(image: NDArray[np.floating]) -> Tensor:
    """[H, W, C] to [1, C, H, W]."""
    return torch.from_numpy(np.ascontiguousarray(image, np.float32)).permute(2, 0, 1)[None]
