"""Landscapes whose motion is known exactly, rendered by Blender; see ``livescape evaluate``."""
