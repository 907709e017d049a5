"""The files of a cache."""

POINT_CACHE = "moving.pc2"
"""The file that Blender plays."""

STATIC = "static.zip"
MOVING = "moving.zip"

EARLY_STATIC = "static.ply"
EARLY_MOVING = "moving.ply"
EARLY_WINDOWS = "windows.npy"
"""What versions 2 and 3 had instead."""

FILES = (POINT_CACHE, STATIC, MOVING)
"""Every file of a cache but ``meta.json``."""

EARLY_FILES = (EARLY_STATIC, EARLY_MOVING, EARLY_WINDOWS)
