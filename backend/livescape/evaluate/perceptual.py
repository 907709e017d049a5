"""ST-LPIPS, a learned perceptual distance (Ghildyal and Liu, ECCV 2022), where its weights are.

The package ``stlpips-pytorch`` brings the AlexNet features and the weights of their differences.
Only that file is read, and the network is written anew below: parts of the package's code may not
be used commercially. LPIPS itself needs features that are downloaded from elsewhere; this is its
shift-tolerant form, with figures of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

Float32Array = NDArray[np.float32]

PACKAGE = "stlpips_pytorch"
WEIGHTS = Path("weights", "vST0.0", "alex_shift_tolerant.pth")


@cache
def perceptual_distance() -> PerceptualDistance | None:
    """Return the distance, or ``None`` where ``stlpips-pytorch`` is not installed."""
    found = find_spec(PACKAGE)
    for folder in [] if found is None else found.submodule_search_locations or []:
        path = Path(folder) / WEIGHTS
        if path.is_file():
            return PerceptualDistance(torch.load(path, map_location="cpu", weights_only=True))
    return None


class PerceptualDistance:
    """Compares pictures by the features of a shift-tolerant AlexNet."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        """Keep the weights, by the names of ``stlpips_pytorch.stlpips.LPIPS``."""
        self._weights = weights

    def __call__(self, image: Float32Array, reference: Float32Array) -> float:
        """Return the distance of two pictures [H, W, 3] in 0..1; 0 is equal."""
        pair = np.stack([image, reference]).transpose(0, 3, 1, 2)
        with torch.inference_mode():
            layers = self._features(2.0 * torch.from_numpy(np.ascontiguousarray(pair)) - 1.0)
            return sum(self._difference(number, layer) for number, layer in enumerate(layers))

    def _features(self, pair: Tensor) -> list[Tensor]:
        """Return five layers of features [2, C, h, w]."""
        w = self._weights
        scaled = (pair - w["scaling_layer.shift"]) / w["scaling_layer.scale"]
        x = self._convolved(scaled, "net.slice1.0", padding=2)
        layers = [F.relu(self._halved(x, "net.slice1.1"))]
        for half, name in (("net.slice2.4", "net.slice2.5"), ("net.slice3.8", "net.slice3.9")):
            x = self._halved(F.max_pool2d(layers[-1], 3, 1), half)
            layers.append(
                F.relu(self._convolved(x, name, padding=w[f"{name}.weight"].shape[-1] // 2))
            )
        for name in ("net.slice4.11", "net.slice5.13"):
            layers.append(F.relu(self._convolved(layers[-1], name, padding=1)))
        return layers

    def _convolved(self, x: Tensor, name: str, padding: int) -> Tensor:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return F.conv2d(x, weight, bias, padding=padding)

    def _halved(self, x: Tensor, name: str) -> Tensor:
        """Blur, then leave out every second pixel."""
        kernel = self._weights[f"{name}.filt"]
        padded = F.pad(x, (2, 2, 2, 2), mode="reflect")
        return F.conv2d(padded, kernel, stride=2, groups=x.shape[1])

    def _difference(self, number: int, features: Tensor) -> float:
        unit = features / (features.norm(dim=1, keepdim=True) + 1e-10)
        squared = (unit[:1] - unit[1:]) ** 2
        return float(F.conv2d(squared, self._weights[f"lin{number}.model.1.weight"]).mean())
