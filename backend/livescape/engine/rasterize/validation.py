"""Checks and coercions in front of both forms."""

from __future__ import annotations

import torch
from torch import Tensor

from livescape.engine.rasterize.spherical_harmonics import DEGREE_MAX, basis_count

CHANNELS_MAX = 8
SIZE_MAX = 32_768


def check_gaussians(
    means: Tensor,
    quats: Tensor,
    scales: Tensor,
    opacities: Tensor,
    colors: Tensor,
    sh_degree: int | None,
) -> None:
    """Check shapes, dtype and device of the Gaussians' tensors.

    Raises:
        ValueError: Naming the offending argument and its shape.
    """
    if means.dim() != 2 or means.shape[1] != 3:
        raise ValueError(f"means must be [N, 3], got {tuple(means.shape)}")
    if means.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"means must be float32 or float64, got {means.dtype}")
    n = means.shape[0]
    expected = {"quats": (n, 4), "scales": (n, 3), "opacities": (n,)}
    given = {"quats": quats, "scales": scales, "opacities": opacities, "colors": colors}
    for name, shape in expected.items():
        if tuple(given[name].shape) != shape:
            raise ValueError(f"{name} must be {list(shape)}, got {tuple(given[name].shape)}")
    for name, tensor in given.items():
        if tensor.device != means.device:
            raise ValueError(f"{name} is on {tensor.device}, means on {means.device}")
    if sh_degree is None:
        _check_features(colors, n)
    else:
        _check_coefficients(colors, n, sh_degree)


def _check_features(colors: Tensor, n: int) -> None:
    if colors.dim() != 2 or colors.shape[0] != n:
        raise ValueError(f"colors must be [{n}, C], got {tuple(colors.shape)}")
    if not 1 <= colors.shape[1] <= CHANNELS_MAX:
        raise ValueError(f"colors must have 1 to {CHANNELS_MAX} channels, got {colors.shape[1]}")


def _check_coefficients(colors: Tensor, n: int, sh_degree: int) -> None:
    if not 0 <= sh_degree <= DEGREE_MAX:
        raise ValueError(f"sh_degree must be 0 to {DEGREE_MAX}, got {sh_degree}")
    least = basis_count(sh_degree)
    if colors.dim() != 3 or colors.shape[0] != n or colors.shape[1] < least or colors.shape[2] != 3:
        raise ValueError(
            f"colors must be [{n}, K >= {least}, 3] for degree {sh_degree}, "
            f"got {tuple(colors.shape)}"
        )


def check_cameras(viewmats: Tensor, Ks: Tensor, width: int, height: int) -> None:
    """Check the cameras; values are looked at only on the CPU, where that costs no sync.

    Raises:
        ValueError: Naming the offending argument and its shape or value.
    """
    if viewmats.dim() != 3 or tuple(viewmats.shape[1:]) != (4, 4):
        raise ValueError(f"viewmats must be [B, 4, 4], got {tuple(viewmats.shape)}")
    if tuple(Ks.shape) != (viewmats.shape[0], 3, 3):
        raise ValueError(f"Ks must be [{viewmats.shape[0]}, 3, 3], got {tuple(Ks.shape)}")
    if not (1 <= width <= SIZE_MAX and 1 <= height <= SIZE_MAX):
        raise ValueError(f"the image must be 1 to {SIZE_MAX} pixels wide, got {width} x {height}")
    for name, tensor in (("viewmats", viewmats), ("Ks", Ks)):
        if tensor.device.type == "cpu" and not bool(torch.isfinite(tensor).all()):
            raise ValueError(f"{name} must be finite")


def background_over(background: Tensor | None, cameras: int, channels: int) -> Tensor | None:
    """The background as [B, 1, 1, C] or [1, 1, 1, C], or None.

    Raises:
        ValueError: If it is neither [C] nor [B, C].
    """
    if background is None:
        return None
    if tuple(background.shape) not in ((channels,), (cameras, channels)):
        raise ValueError(
            f"background must be [{channels}] or [{cameras}, {channels}], "
            f"got {tuple(background.shape)}"
        )
    return background.reshape(-1, 1, 1, channels)
