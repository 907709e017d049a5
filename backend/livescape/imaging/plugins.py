"""Pillow's plugins for kinds of picture that it cannot read by itself."""

from __future__ import annotations


def pillow_plugins() -> None:
    """Let Pillow read HEIC and JPEG XL."""
    import pillow_heif
    import pillow_jxl  # noqa: F401 registers itself

    pillow_heif.register_heif_opener()
