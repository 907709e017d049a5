"""Filling holes: smooth colour, texture from PatchMatch, and networks a user may download."""
