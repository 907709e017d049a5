"""The animator of SLR-SFS: encode a photo once, then splat and decode it at any time.

Fan et al., "Simulating Fluids in Real-World Still Images" (SLR-SFS, 2022), after Holynski et al.,
"Animating Pictures with Eulerian Motion Fields", CVPR 2021.
"""

from __future__ import annotations

import functools
from pathlib import Path

import torch
from torch import Tensor, nn

from livescape.engine.splat.cuda import splat_sum
from livescape.networks.architectures.slrsfs_decoder import Decoder
from livescape.networks.architectures.slrsfs_encoder import Encoder
from livescape.networks.tensor_file import read_tensors
from livescape.networks.weights import load_weights

ANIMATOR_PREFIXES = (
    "state_dict.model.module.",  # SLR-SFS, baseline2+motion2*.pth
    "model.module.",  # the same, resaved without the section
    "",
)
"""Where encoder and decoder stand in the published files."""

# Layers of the noise, which is zero; counters; shortcuts that are there and not used.
_UNUSED = (
    r"\.(gain|bias)\.weight_(orig|u|v)$"
    r"|\.accumulation_counter$"
    r"|^eblocks\.(0|3|6)\.conv_b\."
)

_LEAST = 1e-8
_CLAMP = 20.0


class SlrSfs(nn.Module):
    """Encoder and decoder; ``projector`` is the published name of the decoder."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.projector = Decoder()

    def encode(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return features [64, H, W] and importance [1, H, W] of a photo [3, H, W] in -1..1."""
        features, importance = self.encoder(image[None])
        return features[0], importance[0]

    def frame(
        self, features: Tensor, importance: Tensor, motion: Tensor, step: int, loop_frames: int
    ) -> Tensor:
        """Return the picture [3, H, W] in -1..1 at frame ``step`` of a loop.

        Features go ``step`` frames forward with the weight 1 - step / N and N - step frames
        backward with the weight step / N, so that frame N is frame 0.

        Args:
            features: [64, H, W] of :meth:`encode`.
            importance: [1, H, W] of :meth:`encode`.
            motion: [2, H, W] pixels per frame.
            step: 0..N.
            loop_frames: N.
        """
        forward = displacement_until_lost(motion, step)
        backward = displacement_until_lost(-motion, loop_frames - step)
        blend = step / loop_frames
        carried = symmetric_softmax_splat(features, importance, forward, backward, blend)
        picture: Tensor = self.projector(carried[None])[0]
        return picture


def displacement_until_lost(motion: Tensor, steps: int) -> Tensor:
    """Integrate D_{k+1}(x) = D_k(x) + M(round(x + D_k(x))), as published.

    Inside the frame this is the plain definition of :mod:`livescape.engine.advect.reference`.

    Args:
        motion: [2, H, W] pixels per frame; its negative integrates backward in time.
        steps: Frames.

    Returns:
        [2, H, W] pixels. A trajectory that leaves the frame once is lost for good: its
        displacement is max(H, W) + 1 along both axes, so that splatting drops it.
    """
    height, width = motion.shape[1:]
    limit = motion.new_tensor([width - 1, height - 1]).reshape(2, 1, 1)
    y, x = torch.meshgrid(
        torch.arange(height, device=motion.device, dtype=motion.dtype),
        torch.arange(width, device=motion.device, dtype=motion.dtype),
        indexing="ij",
    )
    start = torch.stack((x, y))
    place = start
    lost = torch.zeros((height, width), dtype=torch.bool, device=motion.device)
    for _ in range(steps):
        column, row = place.round().clamp(min=0).minimum(limit).long()
        place = place + motion[:, row, column]
        lost |= ((place < 0) | (place > limit)).any(dim=0)
    return (place - start).masked_fill(lost, float(max(height, width) + 1))


def symmetric_softmax_splat(
    features: Tensor, importance: Tensor, forward: Tensor, backward: Tensor, blend: float
) -> Tensor:
    """Carry features along both displacements and mix them, important pixels first.

    Niklaus and Liu, "Softmax Splatting", CVPR 2020; made symmetric in time by Holynski et al.
    For photos, :func:`livescape.engine.splat.symmetric_splat` does the same.

    Args:
        features: [C, H, W].
        importance: [1, H, W], Z of softmax splatting.
        forward: [2, H, W] displacement from the loop's start to now, in pixels.
        backward: [2, H, W] displacement from the loop's end back to now.
        blend: Share of the backward copy, 0..1.

    Returns:
        [C, H, W]; zero where nothing arrived.
    """
    weight = torch.exp((importance - importance.max()).clamp(-_CLAMP, _CLAMP))
    weighted = torch.cat((features * weight, weight))
    there = splat_sum(weighted * (1.0 - blend), forward)
    total = there + splat_sum(weighted * blend, backward)
    return total[:-1] / total[-1:].clamp(min=_LEAST)


def load_animator(checkpoint: Path, device: str | torch.device = "cpu") -> SlrSfs:
    """Return the animator of a file, ready to run; the last one is cached.

    Raises:
        LivescapeError: ``checkpoint_mismatch``, ``checkpoint_unsafe``, ``checkpoint_unreadable``.
    """
    changed = checkpoint.stat().st_mtime_ns if checkpoint.is_file() else 0
    return _loaded(checkpoint, changed, str(device))


@functools.lru_cache(maxsize=1)
def _loaded(checkpoint: Path, _changed: int, device: str) -> SlrSfs:
    tensors = read_tensors(checkpoint)
    with torch.device("meta"):
        network = SlrSfs()
    for name, part in network.named_children():
        prefixes = [f"{prefix}{name}." for prefix in ANIMATOR_PREFIXES]
        load_weights(part, tensors, prefixes, ignored=_UNUSED)
    return network.eval().requires_grad_(False).to(device)
