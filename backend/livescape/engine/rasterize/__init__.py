"""One differentiable rasteriser in two forms.

Gaussians are projected to 2D splats (EWA, Zwicker et al. 2002) and blended front to back in
depth order (Kerbl et al. 2023). Tensors on the CPU are rendered by our own Numba kernels, tensors
on CUDA by gsplat; names, thresholds and depth modes are gsplat 1.5.3's in both.
"""

from __future__ import annotations

from typing import Literal

from torch import Tensor

from livescape.engine.dispatch import on_cpu
from livescape.engine.rasterize import cpu, cuda
from livescape.engine.rasterize.types import Rasterization, RasterOptions
from livescape.engine.rasterize.validation import background_over, check_cameras, check_gaussians
from livescape_shared.rendering import DILATION, NEAR

DepthMode = Literal["expected", "accumulated"]

_DEPTH_ALPHA_MIN = 1e-10


def rasterize(
    means: Tensor,
    quats: Tensor,
    scales: Tensor,
    opacities: Tensor,
    colors: Tensor,
    viewmats: Tensor,
    Ks: Tensor,
    width: int,
    height: int,
    *,
    near: float = NEAR,
    eps2d: float = DILATION,
    antialiased: bool = False,
    sh_degree: int | None = None,
    background: Tensor | None = None,
    depth_mode: DepthMode = "expected",
    absgrad: bool = False,
) -> Rasterization:
    """Render N Gaussians from B cameras, differentiably in the Gaussians and the background.

    Gaussians with a value that is not finite, with opacity below 1/255, nearer than `near` or off
    the image are not drawn and get zero gradients. Opacities above 1 count as 1.

    Args:
        means: [N, 3] metres, float32 or float64; every other tensor is cast to its dtype.
        quats: [N, 4] w, x, y, z, of any length.
        scales: [N, 3] linear standard deviations in metres.
        opacities: [N] in 0..1.
        colors: [N, C] features with 1 <= C <= 8, or SH coefficients [N, K, 3] with `sh_degree`.
        viewmats: [B, 4, 4] world-to-camera, OpenCV axes; no gradient.
        Ks: [B, 3, 3] intrinsics in pixels, pixel centres at +0.5; no gradient.
        width: Image width in pixels.
        height: Image height in pixels.
        near: Depth in metres below which Gaussians are culled.
        eps2d: Added to the diagonal of the 2D covariance, square pixels.
        antialiased: Scale opacity by sqrt(det / det with eps2d) (Mip-Splatting, Yu et al. 2024).
        sh_degree: 0 to 3 to evaluate `colors` as spherical harmonics, fused on the CPU.
        background: [C] or [B, C], shown where alpha < 1; black if None.
        depth_mode: "expected" divides the weighted depth sum by alpha, "accumulated" does not.
        absgrad: Also compute `info.means2d.absgrad` in the backward pass.

    Returns:
        The images and by-products.

    Raises:
        ValueError: If a shape, dtype, device or size is wrong, or a CPU camera is not finite.
        LivescapeError: "gsplat_missing" for CUDA tensors without gsplat; "scene_too_dense".
    """
    check_gaussians(means, quats, scales, opacities, colors, sh_degree)
    check_cameras(viewmats, Ks, width, height)
    if depth_mode not in ("expected", "accumulated"):
        raise ValueError(f"depth_mode must be 'expected' or 'accumulated', got {depth_mode!r}")
    quats, scales, opacities, colors = (
        t.to(means.dtype) for t in (quats, scales, opacities, colors)
    )
    viewmats, Ks = viewmats.detach().to(means), Ks.detach().to(means)
    compiled = on_cpu(means.device)
    if sh_degree is not None:
        view_colors = cpu.view_colors if compiled else cuda.view_colors
        colors = view_colors(colors, means, viewmats, sh_degree)
    behind = background_over(background, viewmats.shape[0], colors.shape[-1])
    options = RasterOptions(width, height, near, eps2d, antialiased, absgrad)
    draw = cpu.rasterize if compiled else cuda.rasterize
    images, depths, alphas, info = draw(
        means, quats, scales, opacities.clamp(max=1.0), colors, viewmats, Ks, options
    )
    if depth_mode == "expected":
        depths = depths / alphas.clamp(min=_DEPTH_ALPHA_MIN)
    if behind is not None:
        images = images + (1.0 - alphas) * behind.to(images)
    return Rasterization(images, alphas, depths, info)
