"""Depth maps: embedded pop-up geometry, or a file of the user's."""
