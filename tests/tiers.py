"""The quick tier."""
