"""Splats of other programs in, and ours out."""
