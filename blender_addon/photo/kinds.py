"""The kinds of files that may be photos."""

_ENDINGS = "png jpg jpeg tif tiff webp bmp tga exr hdr dpx cin jp2 j2c psd sgi rgb bw".split()

EXTENSIONS = ";".join(f".{ending}" for ending in _ENDINGS)
"""Of files that Blender reads as images."""
