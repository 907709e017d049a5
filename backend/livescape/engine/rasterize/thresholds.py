"""Cut-offs of the splatting equation, the same in both forms (those of gsplat 1.5.3).

Those shared with Blender are in :mod:`livescape_shared.rendering`.
"""

from __future__ import annotations

TRANSMITTANCE_MIN = 1e-4
"""A pixel is finished before the splat that would leave it this transmittance or less."""

EXTENT_MAX = 3.33
"""Largest half-width of a splat in standard deviations: beyond it alpha < 1/255 for any opacity."""

FAR = 1e10
"""Depth in metres beyond which Gaussians are culled."""
