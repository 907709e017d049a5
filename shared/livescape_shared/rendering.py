"""Constants on which the backend's rasterizers and Blender's nodes must agree exactly.

The conventions behind these numbers are those of 3D Gaussian Splatting (Kerbl et al. 2023) as
gsplat 1.5.3 has them; see :mod:`livescape_shared.conventions` for axes, units and time.
"""

from __future__ import annotations

ALPHA_MAX = 0.999
"""A Gaussian's alpha is clamped here; no gradient flows above it."""

ALPHA_MIN = 1.0 / 255.0
"""Gaussians fainter than this at a pixel are skipped there."""

DILATION = 0.3
"""Variance in square pixels added to the projected covariance (gsplat's ``eps2d``)."""

NEAR = 0.01
"""Gaussians whose mean lies nearer to the camera than this are not drawn: metres in the backend,
Blender units in Blender."""

IMAGE_MARGIN = 0.15
"""The derivative of the projection is taken no farther outside the image than this share of it."""

SH_C0 = 0.28209479177387814
"""Zeroth spherical-harmonics constant; colour = 0.5 + SH_C0 * f_dc."""

SH_C1 = 0.4886025119029199
SH_C2 = (1.0925484305920792, 0.31539156525252005, 0.5462742152960396)
SH_C3 = (0.5900435899266435, 2.890611442640554, 0.4570457994644658, 0.3731763325901154,
         1.445305721320277)  # fmt: skip
"""Magnitudes of the basis functions of degree 1 to 3."""

SH_COEFFICIENTS = (0, 3, 8, 15)
"""Coefficients beyond the zeroth, by degree."""

SRGB_SLOPE, SRGB_GAMMA, SRGB_OFFSET, SRGB_SCALE = 12.92, 2.4, 0.055, 1.055
"""The transfer curve of IEC 61966-2-1: ``linear * SLOPE`` up to the knee, beyond it
``SCALE * linear ** (1 / GAMMA) - OFFSET``."""

SRGB_KNEE, LINEAR_KNEE = 0.04045, 0.0031308
"""Where the two parts meet, in display sRGB and in scene-linear light."""
