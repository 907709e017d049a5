"""The files of a cache."""

POINT_CACHE = "moving.pc2"
"""The file that Blender plays."""

STATIC = "static.ply"
MOVING = "moving.ply"
WINDOWS = "windows.npy"

FILES = (POINT_CACHE, STATIC, MOVING, WINDOWS)
"""Every file of a cache but ``meta.json``."""
