"""Where the tests' sphere is and how it glows, for the scripts in Blender and the tests outside."""

CENTER, RADIUS, GLOW = (0.4, 6.0, -0.2), 1.3, (0.5, 0.12, 0.03)
"""Metres and linear colour; some Gaussians are in front of it, some behind, some within."""
