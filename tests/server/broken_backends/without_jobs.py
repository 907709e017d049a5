"""Loads, and has nothing that computes."""
