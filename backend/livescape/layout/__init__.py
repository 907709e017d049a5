"""What stands where in a photograph: sky, water, ground, uprights and relief.

:func:`~livescape.layout.estimate.estimate_layout` is the entry point.
"""
