"""The layout of a photograph: sky, water, ground, uprights and relief.

:func:`~livescape.layout.scene_layout.estimate_layout` is the entry point.
"""
