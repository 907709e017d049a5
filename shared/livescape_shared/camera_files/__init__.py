"""Cameras as other programs write them; see ``docs/camera_path.md``."""
