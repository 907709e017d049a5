"""Files as libraries that are not ours write them."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import OpenEXR
import tifffile
from benchmarks.inputs.shown import sample
from numpy.typing import NDArray
from PIL import Image

from livescape.imaging.plugins import pillow_plugins


def streamed(write: Callable[[io.BytesIO], Any]) -> bytes:
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue()


def by_pillow(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    pillow_plugins()
    shown = Image.fromarray(sample()) if image is None else image
    return streamed(lambda stream: shown.save(stream, kind, **options))


def by_opencv(suffix: str, pixels: NDArray[Any]) -> bytes:
    done, data = cv2.imencode(suffix, pixels)
    if not done:
        raise RuntimeError(suffix)
    return bytes(data.tobytes())


def by_tifffile(pixels: NDArray[Any], **options: Any) -> bytes:
    return streamed(lambda stream: tifffile.imwrite(stream, pixels, **options))


def by_openexr(channels: dict[str, NDArray[Any]], **header: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.exr"
        header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION, **header}
        OpenEXR.File(header, channels).write(str(path))
        return path.read_bytes()


def by_ffmpeg(codec: str, container: str, pixels: str, **options: str) -> bytes:
    stream = io.BytesIO()
    with av.open(stream, "w", format=container) as out:
        track: Any = out.add_stream(codec, rate=Fraction(1), options=options)
        track.height, track.width = sample().shape[:2]
        track.pix_fmt = pixels
        frame = av.VideoFrame.from_ndarray(sample(), format="rgb24").reformat(
            format=pixels, dst_colorspace="ITU601" if "yuv" in pixels else None
        )
        for packet in (*track.encode(frame), *track.encode()):
            out.mux(packet)
    return stream.getvalue()


def npz(**arrays: NDArray[Any]) -> bytes:
    return streamed(lambda stream: np.savez_compressed(stream, **arrays))  # type: ignore[arg-type]
