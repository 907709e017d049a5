"""Files of every kind and seeded damage to them, for the tests and for ``make bench NAME=fuzz``."""

import io
import zipfile

import cv2
import numpy as np
import OpenEXR
from PIL import Image
from tests.imaging.test_decode import in_many_kinds, pixels, saved
from tests.motion.clips import advected, gif, video
from tests.shared.annotation_samples import NAME, PHOTO, drawings

from livescape.depth.file import read_depth_map
from livescape.imaging.decode import decode_photo
from livescape.imaging.plugins import pillow_plugins
from livescape.imaging.video import decode_clip
from livescape.motion.flow_file import read_flow
from livescape.motion.mask_file import read_mask
from livescape.motion.region_files import read_drawing, read_regions
from livescape_shared.annotation_files.given import of_photo
from livescape_shared.errors import LivescapeError

HEADER = 400
"""Bytes at the start of a file in which most mutations fall: what follows is only pixels."""

READERS = {
    "photo": (decode_photo, ("photo_unreadable", "photo_too_small", "photo_too_large")),
    "mask": (read_mask, ("mask_invalid",)),
    "depth": (read_depth_map, ("depth_unreadable", "depth_invalid")),
    "flow": (read_flow, ("flow_invalid",)),
    "clip": (decode_clip, ("clip_unreadable", "clip_too_short", "clip_too_small",
                           "clip_too_large")),
    "hints": (lambda data: read_drawing(of_photo(data, NAME), PHOTO),
              ("annotation_invalid", "annotation_empty", "hints_outside")),
    "regions": (lambda data: read_regions(of_photo(data, NAME), "bright", PHOTO),
                ("mask_invalid", "annotation_invalid", "annotation_empty", "hints_outside")),
}  # fmt: skip


def arrays(values, **named):
    plain, archive = io.BytesIO(), io.BytesIO()
    np.save(plain, values)
    np.savez_compressed(archive, **named)
    return {"npy": plain.getvalue(), "npz": archive.getvalue()}


def exr(folder, compression, kind="scanlineimage", **header):
    path = folder / "depth.exr"
    values = np.random.default_rng(0).random((48, 64), dtype=np.float32)
    header |= {
        "compression": getattr(OpenEXR, f"{compression}_COMPRESSION"),
        "type": getattr(OpenEXR, kind),
    }
    OpenEXR.File(header, {"ViewLayer.Depth.Z": values, "R": values.astype(np.float16)}).write(
        str(path)
    )
    return path.read_bytes()


def photos():
    """Return files of every kind but OpenEXR that a photo may be."""
    pillow_plugins()
    image = Image.fromarray(pixels())
    by_pillow = {"heic": "HEIF", "jxl": "JXL", "tga": "TGA", "sgi": "SGI"}
    return in_many_kinds() | {name: saved(image, kind) for name, kind in by_pillow.items()}


def whole_files(folder):
    """Return an undamaged file of each kind, by reader and kind; ``folder`` is for temporaries."""
    metres = np.random.default_rng(0).random((48, 64), dtype=np.float32) + 1
    flow = np.stack([metres, metres], -1)
    frames = advected(np.ascontiguousarray(np.broadcast_to(np.float32([1, 0]), (48, 64, 2))), 5)
    pictures = [Image.fromarray(frame) for frame in frames]
    animated = {}
    for kind in ("WEBP", "PNG"):
        stream = io.BytesIO()
        pictures[0].save(stream, kind, save_all=True, append_images=pictures[1:])
        animated[kind] = stream.getvalue()
    tiles = {"kind": "tiledimage", "tiles": OpenEXR.TileDescription()}
    return {
        "photo": photos(),
        "mask": {kind: in_many_kinds()[kind] for kind in ("png", "jpg", "tiff", "pgm")},
        "depth": arrays(metres, depth=metres) | {
            "png": cv2.imencode(".png", (metres * 100).astype(np.uint16))[1].tobytes(),
            "tif": cv2.imencode(".tif", metres)[1].tobytes(),
            "pfm": cv2.imencode(".pfm", metres)[1].tobytes(),
            "exr zip": exr(folder, "ZIP"), "exr piz": exr(folder, "PIZ"),
            "exr plain": exr(folder, "NO"), "exr tiled": exr(folder, "ZIP", **tiles),
        },
        "flow": arrays(flow, flow=flow),
        "clip": animated | {
            "gif": gif(frames), "mp4": video(frames, codec="libx264"),
            "webm": video(frames, container="webm", codec="libvpx-vp9"),
            "avi": video(frames, container="avi", codec="mjpeg", pixels="yuvj420p"),
            "mov": video(frames, container="mov"),
        },
        "hints": annotations("coco packed"),
        "regions": annotations() | regions(metres > 1.5),
    }  # fmt: skip


def annotations(*without):
    """Return a file of every kind of annotation but those that say nothing to a reader."""
    made = drawings(cv2.imencode(".png", np.eye(6, 8, dtype=np.uint8))[1].tobytes())
    return {name: data for name, data in made.items() if name not in without}


def regions(moves):
    """Return a mask as arrays, and as archives of pictures."""
    picture = cv2.imencode(".png", moves.astype(np.uint8))[1].tobytes()
    archives = {"zip": {"0.png": picture, "1.png": picture}, "sam zip": {"0.png": picture}}
    archives["sam zip"] |= {"1.png": picture, "metadata.csv": b"id,area\n"}
    packed = {}
    for name, members in archives.items():
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        packed[name] = stream.getvalue()
    return arrays(moves, masks=moves[None]) | packed


def kinds():
    named = {
        "photo": sorted(photos()), "mask": ("png", "jpg", "tiff", "pgm"),
        "depth": ("npy", "npz", "png", "tif", "pfm", "exr zip", "exr piz", "exr plain",
                  "exr tiled"),
        "flow": ("npy", "npz"), "clip": ("gif", "WEBP", "PNG", "mp4", "webm", "avi", "mov"),
        "hints": tuple(annotations("coco packed")),
        "regions": (*annotations(), "npy", "npz", "zip", "sam zip"),
    }  # fmt: skip
    return [(reader, kind) for reader, each in named.items() for kind in each]


def mutated(data, rng):
    """Return ``data`` cut off, with bytes changed, or with a wrong length somewhere."""
    broken = bytearray(data)
    if rng.random() < 0.25:
        return bytes(broken[: rng.integers(0, len(broken))])
    span = min(len(broken), HEADER) if rng.random() < 0.7 else len(broken)
    for at in rng.integers(0, span, rng.integers(1, 6)):
        broken[at] = rng.choice([0, 1, 127, 128, 255, rng.integers(0, 256)])
    if rng.random() < 0.25:
        at = rng.integers(0, max(1, span - 4))
        broken[at : at + 4] = rng.bytes(4)
    return bytes(broken)


def refusal(read, data):
    """Return the error that ``read`` meets ``data`` with, None if it reads it."""
    try:
        read(data)
    except LivescapeError as error:
        return error
    return None
