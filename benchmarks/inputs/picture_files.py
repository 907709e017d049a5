"""Photos, masks and depth maps by kind and writer; every file is written by another program."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av
import cv2
import imageio.v3 as imageio
import numpy as np
import OpenEXR
import tifffile
from benchmarks.inputs.pictures import Case, Wanted
from benchmarks.inputs.programs import ROOT
from numpy.typing import NDArray
from PIL import Image, ImageCms
from pycocotools import mask as cocomask
from tests.data.files import load_photo
from tests.imaging.icc_profiles import rgb_profile

from livescape.imaging.color.encodings import PRIMARIES
from livescape.imaging.plugins import pillow_plugins
from livescape_shared.conventions import srgb_to_linear

RIGHT, CLOSE, LOSSY, HEAVY = 0.5, 1.2, 4.0, 6.0
"""Mean delta E that lossless files, those with fewer bits, and lossy ones may cost."""

ORIENTATION = 0x0112


def sample() -> NDArray[np.uint8]:
    """Return the picture [H, W, 3] that all photos show: water, sky and a building."""
    photo = load_photo("golden_temple")[: 2 * 96, : 2 * 128]
    return np.asarray(np.rint(photo * 255), dtype=np.uint8)


def moving() -> NDArray[np.bool_]:
    """Return the mask [H, W] that all masks show, with a hole and a part at the border."""
    rows, columns = np.indices((192, 256))
    apart = np.hypot(rows - 90, columns - 120)
    return ((apart < 60) & (apart > 22)) | ((rows > 160) & (columns < 200))


def metres() -> NDArray[np.float32]:
    """Return the depth [H, W] that all maps show: ground from 40 to 3 metres, and a post."""
    rows, columns = np.indices((192, 256))
    depth = 3.0 + 37.0 * (1.0 - rows / 191.0) ** 2
    return np.where((columns > 100) & (columns < 120), 6.0, depth).astype(np.float32)


def cases() -> Iterator[Case]:
    """Yield every case."""
    yield from _by_pillow()
    yield from _by_opencv()
    yield from _by_tifffile()
    yield from _by_imageio()
    yield from _by_openexr()
    yield from _by_ffmpeg()
    yield from _by_blender()
    yield from _masks()
    yield from _depths()
    yield from _refused()


def _linear(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    return srgb_to_linear(np.asarray(codes / np.float32(255), dtype=np.float32))


def _photo(writer: str, data: Callable[[], bytes], limit: float) -> Case:
    return Case("photo", writer, data, Wanted(sample(), limit))


def _stream(write: Callable[[io.BytesIO], Any]) -> bytes:
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue()


def _pillow(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    pillow_plugins()
    shown = Image.fromarray(sample()) if image is None else image
    return _stream(lambda stream: shown.save(stream, kind, **options))


def _by_pillow() -> Iterator[Case]:
    kinds: dict[str, tuple[float, dict[str, Any]]] = {
        "PNG": (RIGHT, {}), "BMP": (RIGHT, {}), "TGA": (RIGHT, {}), "SGI": (RIGHT, {}),
        "PPM": (RIGHT, {}), "JPEG": (LOSSY, {"quality": 95}), "JPEG2000": (RIGHT, {}),
        "WEBP": (RIGHT, {"lossless": True}), "AVIF": (LOSSY, {"quality": 95}),
        "HEIF": (LOSSY, {"quality": 95}), "JXL": (RIGHT, {"lossless": True}),
    }  # fmt: skip
    for kind, (limit, options) in kinds.items():
        yield _photo(f"pillow {kind}", partial(_pillow, kind, **options), limit)
    for name in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        yield _photo(f"pillow TIFF {name}", partial(_pillow, "TIFF", compression=name), RIGHT)
    yield _photo("pillow JPEG progressive",
                 lambda: _pillow("JPEG", quality=95, progressive=True), LOSSY)  # fmt: skip
    yield _photo("pillow WEBP lossy", lambda: _pillow("WEBP", quality=95), LOSSY)
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
                partial(_pillow, kind, stored, **turn),
                LOSSY if kind in ("JPEG", "WEBP") else RIGHT,
            )
    wide = _in_profile()
    yield _photo("pillow PNG P3 profile", lambda: _pillow("PNG", wide[0],
                 icc_profile=wide[1]), CLOSE)  # fmt: skip
    yield _photo("pillow PNG palette", lambda: _pillow("PNG", Image.fromarray(sample()).quantize(
                 256)), HEAVY)  # fmt: skip
    yield _photo("pillow GIF", lambda: _pillow("GIF", Image.fromarray(sample()).quantize(256)),
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


def _opencv(suffix: str, pixels: NDArray[Any]) -> bytes:
    done, data = cv2.imencode(suffix, pixels)
    if not done:
        raise RuntimeError(suffix)
    return bytes(data.tobytes())


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
        yield _photo(f"opencv {name}", partial(_opencv, suffix, pixels), limit)


def _tiff(pixels: NDArray[Any], **options: Any) -> bytes:
    return _stream(lambda stream: tifffile.imwrite(stream, pixels, **options))


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
        yield _photo(f"tifffile {name}", partial(_tiff, pixels, **options),
                     RIGHT if name != "half" else CLOSE)  # fmt: skip


def _by_imageio() -> Iterator[Case]:
    for suffix, limit in ((".png", RIGHT), (".jpeg", HEAVY), (".bmp", RIGHT), (".tif", RIGHT)):

        def write(suffix: str = suffix) -> bytes:
            return bytes(imageio.imwrite("<bytes>", sample(), extension=suffix))

        yield _photo(f"imageio {suffix}", write, limit)


def _exr(channels: dict[str, NDArray[Any]], **header: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.exr"
        header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION, **header}
        OpenEXR.File(header, channels).write(str(path))
        return path.read_bytes()


def _by_openexr() -> Iterator[Case]:
    linear = _linear(sample())
    for dtype in (np.float16, np.float32):
        for name in ("ZIP", "PIZ", "NO"):
            packed = getattr(OpenEXR, f"{name}_COMPRESSION")
            yield _photo(
                f"OpenEXR {name} {np.dtype(dtype).name}",
                partial(_exr, {"RGB": linear.astype(dtype)}, compression=packed),
                CLOSE,
            )
    tiles = {"type": OpenEXR.tiledimage, "tiles": OpenEXR.TileDescription()}
    yield _photo("OpenEXR tiled", lambda: _exr({"RGB": linear}, **tiles), CLOSE)


def _ffmpeg(codec: str, container: str, pixels: str, **options: str) -> bytes:
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
            partial(_ffmpeg, codec, "image2pipe", pixels, **options), limit,
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


def _mask(writer: str, data: Callable[[], bytes]) -> Case:
    return Case("mask", writer, data, Wanted(moving(), 0.99))


def _npz(**arrays: NDArray[Any]) -> bytes:
    return _stream(lambda stream: np.savez_compressed(stream, **arrays))  # type: ignore[arg-type]


def _masks() -> Iterator[Case]:
    mask = moving()
    grey = mask.astype(np.uint8) * 255
    coded: Any = cocomask.encode(np.asfortranarray(mask.astype(np.uint8)))
    packed = {"size": [int(side) for side in coded["size"]], "counts": coded["counts"].decode()}
    image = {"id": 3, "file_name": "a.jpg", "width": 256, "height": 192}
    entry = {"id": 1, "image_id": 3, "category_id": 9, "segmentation": packed, "iscrowd": 0}
    coco = {"images": [image], "annotations": [entry], "categories": [{"id": 9, "name": "sea"}]}
    piece = base64.b64encode(_pillow("PNG", Image.fromarray(mask))).decode()
    shape: dict[str, Any] = {"label": "motion", "shape_type": "mask", "mask": piece}
    shape |= {"points": [[0, 0], [255, 191]], "group_id": None, "flags": {}}
    labelme: dict[str, Any] = {"version": "5.5.0", "flags": {}, "shapes": [shape]}
    labelme |= {"imagePath": "a.jpg", "imageData": None, "imageHeight": 192, "imageWidth": 256}
    clear = np.dstack([np.zeros((*mask.shape, 3), np.uint8), grey])
    files: dict[str, Callable[[], bytes]] = {
        "pillow PNG 1 bit": lambda: _pillow("PNG", Image.fromarray(mask)),
        "pillow PNG labels 0, 1": lambda: _pillow("PNG", Image.fromarray(mask.astype(np.uint8))),
        "pillow PNG transparency": lambda: _pillow("PNG", Image.fromarray(clear)),
        "pillow JPEG": lambda: _pillow("JPEG", Image.fromarray(grey), quality=95),
        "opencv PNG 16 bits 0..255": lambda: _opencv(".png", grey.astype(np.uint16)),
        "opencv PNG 16 bits labels": lambda: _opencv(".png", mask.astype(np.uint16)),
        "opencv EXR-like float TIFF": lambda: _opencv(".tiff", mask.astype(np.float32)),
        "tifffile labels": lambda: _tiff(mask.astype(np.uint8)),
        "OpenEXR mask": lambda: _exr({"Y": mask.astype(np.float32)}),
        "numpy .npz masks": lambda: _npz(masks=mask[None]),
        "numpy .npz logits": lambda: _npz(masks=np.where(mask, 8.0, -8.0)[None, None]),
        "pycocotools COCO": lambda: json.dumps(coco).encode(),
        "pycocotools SAM list": lambda: json.dumps([{"segmentation": packed}]).encode(),
        "labelme mask": lambda: json.dumps(labelme).encode(),
    }
    for name, write in files.items():
        yield _mask(name, write)


def _depths() -> Iterator[Case]:
    depth = metres()
    files: dict[str, tuple[Callable[[], bytes], float]] = {
        "numpy .npy float32": (lambda: _stream(lambda s: np.save(s, depth)), 1e-4),
        "numpy .npy float64": (lambda: _stream(lambda s: np.save(s, depth.astype(float))), 1e-4),
        "numpy .npz depth": (lambda: _npz(depth=depth, sky=depth > 50), 1e-4),
        "tifffile float": (lambda: _tiff(depth), 1e-4),
        "tifffile half": (lambda: _tiff(depth.astype(np.float16)), 2e-3),
        "opencv PFM": (lambda: _opencv(".pfm", depth), 1e-4),
        "opencv PNG centimetres": (
            lambda: _opencv(".png", np.rint(depth * 100).astype(np.uint16)), 3e-3),
        "opencv float TIFF": (lambda: _opencv(".tiff", depth), 1e-4),
        "OpenEXR Z": (lambda: _exr({"Z": depth}), 1e-4),
        "OpenEXR ViewLayer.Depth.Z": (lambda: _exr({"ViewLayer.Depth.Z": depth}), 1e-4),
        "OpenEXR half": (lambda: _exr({"Z": depth.astype(np.float16)}), 2e-3),
    }  # fmt: skip
    for name, (write, limit) in files.items():
        yield Case("depth", name, write, Wanted(depth, limit))


def _refused() -> Iterator[Case]:
    """Files that are no photo, or none that shows a scene: the sentence must name why."""
    truncated = _pillow("JPEG", quality=95)
    files: dict[str, tuple[Callable[[], bytes], str]] = {
        "half a JPEG": (lambda: truncated[: len(truncated) // 2], "missing|cut off|damaged"),
        "pillow PDF": (lambda: _pillow("PDF"), "PDF"),
        "pillow ICO": (lambda: _pillow("ICO"), "not an image"),
        "ffmpeg MP4": (lambda: _ffmpeg("libx264", "matroska", "yuv420p"), "Matroska"),
        "tifffile 9000 wide": (lambda: _tiff(np.zeros((70, 9000), np.uint8)), "9000 x 70"),
        "numpy .npy": (lambda: _stream(lambda s: np.save(s, sample())), "NumPy"),
        "one colour": (lambda: _pillow("PNG", Image.new("RGB", (96, 72), "red")), "one colour"),
        "transparent": (lambda: _pillow("PNG", Image.new("RGBA", (96, 72))), "transparent"),
        "a strip": (lambda: _pillow("PNG", Image.fromarray(np.tile(sample(), (1, 14, 1))[:70])),
                    "strip"),
    }  # fmt: skip
    for name, (write, said) in files.items():
        yield Case("refused", name, write, Wanted(None, 0.0, said))
