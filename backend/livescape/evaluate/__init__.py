"""Measuring results: image metrics, camera trajectories and synthetic truth."""
