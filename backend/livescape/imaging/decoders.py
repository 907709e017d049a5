"""The decoder of each kind of picture: OpenCV, and what it cannot read by Pillow and OpenEXR."""

from __future__ import annotations

import io
import warnings
from contextlib import suppress
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from livescape.imaging import jpeg_ends
from livescape.imaging.exr import read_exr
from livescape.imaging.exr_picture import exr_picture
from livescape.imaging.faults import Unreadable, decoding
from livescape.imaging.netpbm import plain_pfm
from livescape.imaging.plugins import pillow_plugins
from livescape.imaging.png_end import with_end
from livescape.imaging.radiance import radiance_pixels
from livescape.imaging.tiff import EXTRA_SAMPLES, first_directory, with_tags
from livescape.imaging.tiff_pixels import tiff_pixels

_BY_PILLOW: Final = {"HEIC": "HEIF", "JPEG XL": "JXL", "Targa": "TGA", "SGI": "SGI"}
"""Pillow's name of each kind that OpenCV cannot read."""

_MODES: Final = ("L", "LA", "RGB", "RGBA", "I;16")
_CLEAR: Final = ("rgba", "gbrap", "ya8")
_SAYS_RGB: Final = b"TUPLTYPE RGB"
_CUT_OFF: Final = "it is damaged or cut off"


def decode_pixels(kind: str, data: bytes) -> NDArray[Any]:
    """Decode a picture.

    Args:
        kind: From :func:`~livescape.imaging.kinds.file_kind`, checked by
            :func:`~livescape.imaging.headers.check_size`.
        data: The file.

    Returns:
        Pixels [H, W] or [H, W, C] as they are stored, in OpenCV's order (BGR, BGRA). What is stored
        as CMYK comes as display sRGB.

    Raises:
        Unreadable: If it is damaged.
    """
    with decoding(_CUT_OFF):
        if kind == "OpenEXR":
            return exr_picture(read_exr(data))
        if kind == "SGI":
            return _of_sgi(data)
        if kind in _BY_PILLOW:
            return _of_pillow(data, _BY_PILLOW[kind])
        if kind in ("JPEG", "TIFF") and _is_cmyk(data):
            return _of_pillow(data, kind)
        if kind == "TIFF":
            return _of_tiff(data)
        if kind == "Radiance HDR":
            return radiance_pixels(data)
        return _of_opencv(kind, data)


def _of_tiff(data: bytes) -> NDArray[Any]:
    """Decode a TIFF by OpenCV, or what it does not know by Pillow."""
    try:
        return tiff_pixels(data)
    except Unreadable:
        with suppress(OSError, ValueError):
            return _of_pillow(data, "TIFF")
        with suppress(OSError, ValueError):  # of channels that say what they are, Pillow knows few
            count = len(first_directory(data).numbers(EXTRA_SAMPLES))
            return _of_pillow(with_tags(data, {EXTRA_SAMPLES: (0,) * count}), "TIFF")
        raise


def _of_opencv(kind: str, data: bytes) -> NDArray[Any]:
    if kind == "PFM":
        data = plain_pfm(data)
    if kind == "PNM":
        data += b"\n"  # which OpenCV wants after the last number of one in words
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None and kind == "JPEG" and jpeg_ends.lacks_end(data):
        ended = np.frombuffer(data + jpeg_ends.END, np.uint8)
        decoded = cv2.imdecode(ended, cv2.IMREAD_UNCHANGED)
        if decoded is not None and not jpeg_ends.is_nearly_whole(data, decoded):
            raise Unreadable("a large part of it is missing")
    if decoded is None and kind == "PNG" and (whole := with_end(data)):
        decoded = cv2.imdecode(np.frombuffer(whole, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None and kind == "GIF":
        with suppress(OSError, ValueError):
            return _of_pillow(data, kind)  # which needs nothing after the picture
    if decoded is None and kind == "Sun raster":
        return _of_pillow(data, "SUN")  # with its lengths of runs
    if decoded is None:
        raise Unreadable(_CUT_OFF)
    pixels = np.asarray(decoded)
    if kind == "PAM" and _SAYS_RGB in data[: data.find(b"ENDHDR")] and pixels.ndim == 3:
        # OpenCV keeps the file's order, and writes its own, without saying so, in its files.
        return np.concatenate([pixels[..., 2::-1], pixels[..., 3:]], axis=-1)
    return pixels


def _of_sgi(data: bytes) -> NDArray[Any]:
    """Decode SGI by Pillow, which does not know every way to share runs, or else by FFmpeg."""
    with suppress(OSError):
        return _of_pillow(data, "SGI")
    import av  # loads all of FFmpeg

    context: Any = av.CodecContext.create("sgi", "r")
    frames = [*context.decode(av.Packet(data)), *context.decode(None)]
    if len(frames) != 1:
        raise Unreadable(_CUT_OFF)
    return np.asarray(
        frames[0].to_ndarray(format="bgra" if frames[0].format.name in _CLEAR else "bgr24")
    )


def _of_pillow(data: bytes, name: str) -> NDArray[Any]:
    pillow_plugins()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data), formats=[name]) as picture:
            whole: Image.Image = picture
            # OpenCV turns TIFF by itself; a JPEG that was packed as JPEG XL comes as it was.
            if name == "TIFF" or getattr(picture, "jpeg", False):
                whole = ImageOps.exif_transpose(picture)
            if whole.mode == "CMYK":
                whole = _out_of_cmyk(whole)
            elif whole.mode not in _MODES:
                whole = whole.convert("RGBA" if whole.has_transparency_data else "RGB")
            pixels = np.asarray(whole)
    if pixels.ndim == 3 and pixels.shape[2] >= 3:
        return np.concatenate([pixels[..., 2::-1], pixels[..., 3:]], axis=-1)
    return pixels


def _out_of_cmyk(picture: Image.Image) -> Image.Image:
    """Return inks as display sRGB; a profile that is damaged, or not of inks, is left aside."""
    profile = picture.info.get("icc_profile")
    if profile:
        with suppress(Unreadable), decoding("its colour profile is damaged"):
            converted = ImageCms.profileToProfile(
                picture,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                ImageCms.Intent.RELATIVE_COLORIMETRIC,
                "RGB",
                flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )
            if converted is not None:
                return converted
    return picture.convert("RGB")


def _is_cmyk(data: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as header:
                return header.mode == "CMYK"
    except Exception:  # of kinds that only OpenCV reads
        return False
