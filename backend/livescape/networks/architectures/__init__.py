"""Architectures of published networks, with the parameter names of their files."""
