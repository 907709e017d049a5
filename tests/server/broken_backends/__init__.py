"""Backends that cannot be loaded, each for a reason of its own."""
