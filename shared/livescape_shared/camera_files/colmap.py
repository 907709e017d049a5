"""Models of COLMAP: a folder with cameras and images, as text or binary.

Poses are world to camera in OpenCV's axes, as ours. COLMAP knows no metres and no up; what we write
is in our world.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livescape_shared.camera import MAX_FRAMES, MAX_SIDE, Camera, CameraPath
from livescape_shared.covariance import quaternions
from livescape_shared.files import is_file, is_folder, whole_file

from .found import Float64Array, Found, in_order, posed, unreadable

FILES = ("cameras", "images")

_FOCALS = {
    "SIMPLE_PINHOLE": 1, "PINHOLE": 2, "SIMPLE_RADIAL": 1, "RADIAL": 1, "OPENCV": 2,
    "FULL_OPENCV": 2,
}  # fmt: skip
"""Models that are pinholes with or without distortion, and how many focal lengths each has."""

_MODELS = (
    ("SIMPLE_PINHOLE", 3), ("PINHOLE", 4), ("SIMPLE_RADIAL", 4), ("RADIAL", 5), ("OPENCV", 8),
    ("OPENCV_FISHEYE", 8), ("FULL_OPENCV", 12), ("FOV", 5), ("SIMPLE_RADIAL_FISHEYE", 4),
    ("RADIAL_FISHEYE", 5), ("THIN_PRISM_FISHEYE", 12), ("RAD_TAN_THIN_PRISM_FISHEYE", 16),
)  # fmt: skip
"""By their number in binary files: name, and how many parameters it has."""

_STRAIGHT = 1e-6


@dataclass(frozen=True)
class _Lens:
    width: int
    height: int
    K: Float64Array
    is_bent: bool


def folder_of(path: Path) -> Path | None:
    """Return the folder of the model that a path names, or one of whose files it is."""
    folder = path if is_folder(path) else path.parent
    if is_file(path) and path.stem not in (*FILES, "points3D"):
        return None
    return folder if any(_has(folder, ending) for ending in (".txt", ".bin")) else None


def read(folder: Path) -> Found:
    """Return the cameras of a model; text is preferred to binary.

    Raises:
        LivescapeError: ``cameras_unreadable``, ``camera_invalid`` or ``camera_path_invalid``.
    """
    try:
        if _has(folder, ".txt"):
            lenses = dict(_text_lenses(folder))
            named = list(_text_images(folder, lenses))
        else:
            lenses = dict(_binary_lenses(folder))
            named = list(_binary_images(folder, lenses))
    except (OSError, IndexError, struct.error, ValueError, OverflowError) as error:
        raise unreadable(folder.name, f"it is damaged ({error})") from error
    except KeyError as error:
        raise unreadable(
            folder.name, f"an image names the camera {error}, which is not there"
        ) from error
    bent = any(lens.is_bent for lens in lenses.values())
    remarks = ["A COLMAP model has no metres: scale and direction are as in the file."]
    if bent:
        remarks.append("Its lens distortion is left out: cameras here are pinholes.")
    return Found(in_order(named, 24.0), tuple(remarks))


def write(folder: Path, camera_path: CameraPath) -> None:
    """Write a camera path as text: a camera for each lens, an image for each frame, no points.

    Raises:
        LivescapeError: ``output_not_writable`` or ``disk_full``.
    """
    lenses: dict[tuple[object, ...], int] = {}
    cameras, images = ["# Camera list: CAMERA_ID, MODEL, WIDTH, HEIGHT, PARAMS[]"], []
    for index, (frame, camera) in enumerate(
        zip(camera_path.frames, camera_path.cameras, strict=True), start=1
    ):
        K = camera.K
        key = (camera.width, camera.height, K[0, 0], K[1, 1], K[0, 2], K[1, 2])
        if key not in lenses:
            lenses[key] = len(lenses) + 1
            listed = " ".join(repr(float(each)) for each in key[2:])
            cameras.append(f"{lenses[key]} PINHOLE {camera.width} {camera.height} {listed}")
        turn = " ".join(repr(float(each)) for each in quaternions(camera.viewmat[None, :3, :3])[0])
        shift = " ".join(repr(float(each)) for each in camera.viewmat[:3, 3])
        images += [f"{index} {turn} {shift} {lenses[key]} {frame:05d}.png", ""]
    head = "# Image list: IMAGE_ID, QW, QX, QY, QZ, TX, TY, TZ, CAMERA_ID, NAME, then POINTS2D[]"
    for name, lines in (
        ("cameras", cameras),
        ("images", [head, *images]),
        ("points3D", ["# 3D point list: POINT3D_ID, X, Y, Z, R, G, B, ERROR, TRACK[]"]),
    ):
        with whole_file(folder / f"{name}.txt") as partial:
            partial.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _has(folder: Path, ending: str) -> bool:
    return all(is_file(folder / f"{name}{ending}") for name in FILES)


def _lens(model: str, width: int, height: int, values: tuple[float, ...]) -> _Lens:
    if model not in _FOCALS:
        message = f"its camera model {model[:40]} is not a perspective one"
        raise ValueError(message)
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        message = f"a camera of {width} x {height} pixels is impossible"
        raise ValueError(message)
    count = _FOCALS[model]
    if len(values) < count + 2:
        message = f"a camera lacks parameters of its model {model}"
        raise ValueError(message)
    fx, fy = values[0], values[count - 1]
    cx, cy = values[count : count + 2]
    K = np.array([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]])
    return _Lens(width, height, K, any(abs(each) > _STRAIGHT for each in values[count + 2 :]))


def _image(
    lens: _Lens, turn: tuple[float, ...], shift: tuple[float, ...], name: str
) -> tuple[str, Camera]:
    viewmat = np.eye(4)
    viewmat[:3, :3] = _rotation(np.array(turn))
    viewmat[:3, 3] = shift
    return name, posed(lens.width, lens.height, lens.K, viewmat)


def _text_lenses(folder: Path) -> Iterator[tuple[int, _Lens]]:
    for line in _lines(folder / "cameras.txt"):
        words = line.split()
        if words:
            values = tuple(float(word) for word in words[4:])
            yield int(words[0]), _lens(words[1], int(words[2]), int(words[3]), values)


def _text_images(folder: Path, lenses: dict[int, _Lens]) -> Iterator[tuple[str, Camera]]:
    """Yield every other line: those between list points, and may be empty."""
    lines = list(_lines(folder / "images.txt"))
    for line in lines[::2]:
        words = line.split(maxsplit=9)
        if not words:
            continue
        numbers = tuple(float(word) for word in words[1:8])
        yield _image(lenses[int(words[8])], numbers[:4], numbers[4:], words[9])


def _lines(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield line


class _Reader:
    """Reads numbers off a binary file."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, form: str) -> tuple[float, ...]:
        found = struct.unpack_from(f"<{form}", self._data, self._at)
        self._at += struct.calcsize(f"<{form}")
        return found

    def name(self) -> str:
        end = self._data.index(0, self._at)
        found = self._data[self._at : end].decode("utf-8")
        self._at = end + 1
        return found

    def skip(self, size: int) -> None:
        if not 0 <= size <= len(self._data) - self._at:
            message = "it ends too soon"
            raise ValueError(message)
        self._at += size


def _binary_lenses(folder: Path) -> Iterator[tuple[int, _Lens]]:
    reader = _Reader((folder / "cameras.bin").read_bytes())
    for _ in range(_count(reader.take)):
        number, model, width, height = (int(each) for each in reader.take("iiQQ"))
        if not 0 <= model < len(_MODELS):
            message = f"there is no camera model {model}"
            raise ValueError(message)
        name, size = _MODELS[model]
        yield number, _lens(name, width, height, reader.take(f"{size}d"))


def _binary_images(folder: Path, lenses: dict[int, _Lens]) -> Iterator[tuple[str, Camera]]:
    reader = _Reader((folder / "images.bin").read_bytes())
    for _ in range(_count(reader.take)):
        values = reader.take("i7di")
        name = reader.name()
        (points,) = reader.take("Q")
        reader.skip(24 * int(points))
        yield _image(lenses[int(values[8])], values[1:5], values[5:8], name)


def _count(take: Callable[[str], tuple[float, ...]]) -> int:
    (count,) = take("Q")
    if count > MAX_FRAMES:
        message = f"it has {count} entries"
        raise ValueError(message)
    return int(count)


def _rotation(quaternion: Float64Array) -> Float64Array:
    """Return the rotation [3, 3] of a quaternion w, x, y, z of any length."""
    with np.errstate(all="ignore"):
        length = float(np.linalg.norm(quaternion))
    if not 0.0 < length < np.inf:
        message = "a rotation has no length"
        raise ValueError(message)
    w, x, y, z = (quaternion / length).tolist()
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
