"""Cameras to train on, point rendering with a z-buffer, hole filling."""
