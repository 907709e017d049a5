"""Photos by kind and writer; every file is written by another program."""

from __future__ import annotations

import io
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import imageio.v3 as imageio
import numpy as np
import OpenEXR
from benchmarks.inputs.pictures import Case, Wanted
from benchmarks.inputs.programs import ROOT
from benchmarks.inputs.shown import CLOSE, HEAVY, LOSSY, RIGHT, sample
from benchmarks.inputs.writers import (
    by_ffmpeg,
    by_opencv,
    by_openexr,
    by_pillow,
    by_tifffile,
)
from numpy.typing import NDArray
from PIL import Image, ImageCms
from tests.imaging.icc_profiles import rgb_profile

from livescape.imaging.color.encodings import PRIMARIES
from livescape_shared.conventions import srgb_to_linear

ORIENTATION = 0x0112


def photos() -> Iterator[Case]:
    """Yield every case."""
    yield from _by_pillow()
    yield from _by_opencv()
    yield from _by_tifffile()
    yield from _by_imageio()
    yield from _by_openexr()
    yield from _by_ffmpeg()
    yield from _by_blender()


def _linear(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    return srgb_to_linear(np.asarray(codes / np.float32(255), dtype=np.float32))


def _photo(writer: str, data: Callable[[], bytes], limit: float) -> Case:
    return Case("photo", writer, data, Wanted(sample(), limit))


def _by_pillow() -> Iterator[Case]:
    kinds: dict[str, tuple[float, dict[str, Any]]] = {
        "PNG": (RIGHT, {}), "BMP": (RIGHT, {}), "TGA": (RIGHT, {}), "SGI": (RIGHT, {}),
        "PPM": (RIGHT, {}), "JPEG": (LOSSY, {"quality": 95}), "JPEG2000": (RIGHT, {}),
        "WEBP": (RIGHT, {"lossless": True}), "AVIF": (LOSSY, {"quality": 95}),
        "HEIF": (LOSSY, {"quality": 95}), "JXL": (RIGHT, {"lossless": True}),
    }  # fmt: skip
    for kind, (limit, options) in kinds.items():
        yield _photo(f"pillow {kind}", partial(by_pillow, kind, **options), limit)
    for name in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        yield _photo(f"pillow TIFF {name}", partial(by_pillow, "TIFF", compression=name), RIGHT)
    yield _photo("pillow JPEG progressive",
                 lambda: by_pillow("JPEG", quality=95, progressive=True), LOSSY)  # fmt: skip
    yield _photo("pillow WEBP lossy", lambda: by_pillow("WEBP", quality=95), LOSSY)
    for turned in (3, 6, 8):
        back = {3: 2, 6: 1, 8: 3}[turned]
        exif = Image.Exif()
        exif[ORIENTATION] = turned
        stored = Image.fromarray(np.rot90(sample(), back))
        for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
            turn: dict[str, Any] = {"exif": exif}
            turn |= {"quality": 95} if kind != "TIFF" else {}
            yield _photo(
                f"pillow {kind} orientation {turned}",
                partial(by_pillow, kind, stored, **turn),
                LOSSY if kind in ("JPEG", "WEBP") else RIGHT,
            )
    wide = _in_profile()
    yield _photo("pillow PNG P3 profile", lambda: by_pillow("PNG", wide[0],
                 icc_profile=wide[1]), CLOSE)  # fmt: skip
    yield _photo("pillow PNG palette", lambda: by_pillow("PNG", Image.fromarray(sample()).quantize(
                 256)), HEAVY)  # fmt: skip
    yield _photo("pillow GIF", lambda: by_pillow("GIF", Image.fromarray(sample()).quantize(256)),
                 HEAVY)  # fmt: skip


def _in_profile() -> tuple[Image.Image, bytes]:
    """Return the picture in the colours of a P3 display, and their profile."""
    profile = rgb_profile(PRIMARIES[12], 2.2)
    source = ImageCms.createProfile("sRGB")
    target = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    image = Image.fromarray(sample())
    shown = ImageCms.profileToProfile(image, source, target, renderingIntent=intent)
    assert shown is not None
    return shown, profile


def _by_opencv() -> Iterator[Case]:
    bgr = np.ascontiguousarray(sample()[..., ::-1])
    deep = bgr.astype(np.uint16) * 257
    linear = _linear(bgr)
    files: dict[str, tuple[NDArray[Any], float]] = {
        ".png 16 bits": (deep, RIGHT), ".tiff 16 bits": (deep, RIGHT), ".jpg": (bgr, LOSSY),
        ".webp": (bgr, LOSSY), ".ppm": (bgr, RIGHT), ".ppm 16 bits": (deep, RIGHT),
        ".pam": (bgr, RIGHT), ".ras": (bgr, RIGHT), ".jp2": (bgr, LOSSY), ".bmp": (bgr, RIGHT),
        ".hdr float": (linear, CLOSE), ".pfm float": (linear, RIGHT),
        ".tiff float": (linear, RIGHT),
    }  # fmt: skip
    for name, (pixels, limit) in files.items():
        suffix = name.split()[0]
        yield _photo(f"opencv {name}", partial(by_opencv, suffix, pixels), limit)


def _by_tifffile() -> Iterator[Case]:
    rgb = sample()
    linear = _linear(rgb)
    files: dict[str, tuple[NDArray[Any], dict[str, Any]]] = {
        "8 bits": (rgb, {}), "16 bits": (rgb.astype(np.uint16) * 257, {}),
        "tiled": (rgb, {"tile": (64, 64)}), "zlib": (rgb, {"compression": "zlib"}),
        "big": (rgb, {"bigtiff": True}), "big endian": (rgb, {"byteorder": ">"}),
        "planes": (np.ascontiguousarray(rgb.transpose(2, 0, 1)), {"planarconfig": "separate"}),
        "float": (linear, {}), "half": (linear.astype(np.float16), {}),
    }  # fmt: skip
    for name, (pixels, options) in files.items():
        options = {"photometric": "rgb", **options}
        yield _photo(f"tifffile {name}", partial(by_tifffile, pixels, **options),
                     RIGHT if name != "half" else CLOSE)  # fmt: skip


def _by_imageio() -> Iterator[Case]:
    for suffix, limit in ((".png", RIGHT), (".jpeg", HEAVY), (".bmp", RIGHT), (".tif", RIGHT)):

        def write(suffix: str = suffix) -> bytes:
            return bytes(imageio.imwrite("<bytes>", sample(), extension=suffix))

        yield _photo(f"imageio {suffix}", write, limit)


def _by_openexr() -> Iterator[Case]:
    linear = _linear(sample())
    for dtype in (np.float16, np.float32):
        for name in ("ZIP", "PIZ", "NO"):
            packed = getattr(OpenEXR, f"{name}_COMPRESSION")
            yield _photo(
                f"OpenEXR {name} {np.dtype(dtype).name}",
                partial(by_openexr, {"RGB": linear.astype(dtype)}, compression=packed),
                CLOSE,
            )
    tiles = {"type": OpenEXR.tiledimage, "tiles": OpenEXR.TileDescription()}
    yield _photo("OpenEXR tiled", lambda: by_openexr({"RGB": linear}, **tiles), CLOSE)


def _by_ffmpeg() -> Iterator[Case]:
    kinds = {
        "png": ("rgb24", RIGHT), "png 16 bits": ("rgb48be", RIGHT), "bmp": ("bgr24", RIGHT),
        "tiff": ("rgb24", RIGHT), "ppm": ("rgb24", RIGHT), "pam": ("rgb24", RIGHT),
        "targa": ("bgr24", RIGHT), "sgi": ("rgb24", RIGHT), "sunrast": ("bgr24", RIGHT),
        "mjpeg": ("yuvj444p", LOSSY), "dpx": ("rgb24", RIGHT),
    }  # fmt: skip
    for name, (pixels, limit) in kinds.items():
        codec = name.split()[0]
        options = {"qmin": "1", "q": "1"} if codec == "mjpeg" else {}
        yield _photo(
            f"ffmpeg {name}",
            partial(by_ffmpeg, codec, "image2pipe", pixels, **options), limit,
        )  # fmt: skip


def _by_blender() -> Iterator[Case]:
    python = ROOT / ".venv-blender" / "bin" / "python"
    if not python.is_file():
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "source.npy", sample())
        script = Path(__file__).with_name("by_blender.py")
        command = [str(python), str(script), str(folder / "source.npy"), str(folder)]
        subprocess.run(command, check=True, capture_output=True)
        for path in sorted(folder.iterdir()):
            lossy = {".jpg": LOSSY, ".webp": LOSSY, ".jp2": LOSSY, ".dpx": CLOSE, ".cin": LOSSY,
                     ".hdr": CLOSE, ".exr": CLOSE}  # fmt: skip
            if path.suffix != ".npy":
                data = path.read_bytes()
                yield _photo(f"blender {path.name}", partial(bytes, data),
                             lossy.get(path.suffix, RIGHT))  # fmt: skip
