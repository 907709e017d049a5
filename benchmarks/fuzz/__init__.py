"""Damaged messages and files, and strangers at the door; see ``__main__``."""
