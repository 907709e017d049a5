"""Truth: landscapes that Blender rendered, with what moves in them, where to and how fast.

Rendered on demand by ``scripts/truth`` into a cache whose folders are named by a hash of the
generator's source and of all parameters, so that what is found there is what would be rendered.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import OpenEXR
from numpy.typing import NDArray

from livescape.cameras.projection import project_points
from livescape.imaging.png import to_pixels
from livescape_shared.camera import Camera
from livescape_shared.conventions import linear_to_srgb
from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

LANDSCAPES = ("river", "sea", "waterfall", "lake", "canyon")
STANDS, WATER, CLOUDS, OBSTACLE, SKY = range(5)
"""What a pixel shows, as ``scripts/truth/surfaces.py`` numbers it."""


@dataclass(frozen=True)
class TruthView:
    """What one camera sees at one frame.

    Attributes:
        frame: Number of the frame; the photo is frame 0.
        camera: The camera.
        image: [H, W, 3] display sRGB, float32 of 8-bit values.
        positions: [H, W, 3] metres, world axes, at pixel centres.
        velocity: [H, W, 3] metres per frame, world axes.
        coordinate: [H, W, 2] place on the texture; what flows keeps it.
        label: [H, W] uint8, one of the labels above.
    """

    frame: int
    camera: Camera
    image: Float32Array
    positions: Float32Array
    velocity: Float32Array
    coordinate: Float32Array
    label: NDArray[np.uint8]

    @property
    def depth(self) -> Float32Array:
        """[H, W] metres along z."""
        row = self.camera.viewmat[2]
        return np.asarray(self.positions @ row[:3] + row[3], dtype=np.float32)

    @property
    def moving(self) -> Mask:
        """[H, W] what moves."""
        return np.isin(self.label, (WATER, CLOUDS))

    @property
    def sky(self) -> Mask:
        """[H, W] sky, moving or not."""
        return np.isin(self.label, (CLOUDS, SKY))

    @property
    def flow(self) -> Float32Array:
        """[H, W, 2] pixels per frame of this camera standing still."""
        points = self.positions.reshape(-1, 3)
        moved = points + self.velocity.reshape(-1, 3)
        now, _ = project_points(points, self.camera)
        then, _ = project_points(moved, self.camera)
        return np.asarray(then - now, dtype=np.float32).reshape(*self.label.shape, 2)


@dataclass(frozen=True)
class Generator:
    """How truth is rendered.

    Attributes:
        python: A Python that has bpy.
        scripts: The folder ``scripts/truth``.
        photo: The photograph that lends its textures.
        cache: Folder of finished views.
        samples: Samples per pixel of the pictures.
    """

    python: Path
    scripts: Path
    photo: Path
    cache: Path
    samples: int = 4


@dataclass(frozen=True)
class Place:
    """A landscape as a seed varies it, at a picture size."""

    landscape: str
    seed: int
    width: int
    height: int


def photo_view(generator: Generator, place: Place) -> TruthView:
    """Return the photograph: frame 0 of the landscape's own camera."""
    folder = _folder(generator, place)
    if not (folder / "photo.npz").exists():
        _render(generator, place, folder, [{"name": "photo", "frame": 0}])
    return _load(folder / "photo.npz")


def truth_views(
    generator: Generator, place: Place, wanted: Sequence[tuple[int, Camera]]
) -> list[TruthView]:
    """Return what each of the ``wanted`` (frame, camera) shows; see :class:`Generator`.

    Raises:
        LivescapeError: ``truth_unavailable``.
    """
    folder = _folder(generator, place)
    names = [_view_name(frame, camera) for frame, camera in wanted]
    missing = {
        name: {"name": name, "frame": frame, "K": camera.K.tolist(),
               "viewmat": camera.viewmat.tolist()}
        for name, (frame, camera) in zip(names, wanted, strict=True)
        if not (folder / f"{name}.npz").exists()
    }  # fmt: skip
    if missing:
        _render(generator, place, folder, list(missing.values()))
    return [_load(folder / f"{name}.npz") for name in names]


def near_distance(photo: TruthView) -> float:
    """Return the metres of what is nearest in the photo, a percent of its pixels left out."""
    return float(np.percentile(photo.depth[~photo.sky], 1.0))


def _folder(generator: Generator, place: Place) -> Path:
    digest = hashlib.sha256()
    for source in sorted(generator.scripts.glob("*.py")):
        digest.update(source.read_bytes())
    if not generator.photo.is_file():
        raise _unavailable(f"The photograph {generator.photo.name} is not there")
    digest.update(generator.photo.read_bytes())
    digest.update(repr((place, generator.samples)).encode())
    return generator.cache / f"{place.landscape}-{place.seed}-{digest.hexdigest()[:16]}"


def _view_name(frame: int, camera: Camera) -> str:
    digest = hashlib.sha256(np.round(camera.K, 6).tobytes())
    digest.update(np.round(camera.viewmat, 9).tobytes())
    return f"{frame:04d}-{digest.hexdigest()[:12]}"


def _render(
    generator: Generator, place: Place, folder: Path, views: Sequence[dict[str, Any]]
) -> None:
    if not (generator.scripts / "__main__.py").is_file():
        raise _unavailable(f"There is no generator in {generator.scripts}")
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as temporary:
        out = Path(temporary)
        job = {
            "landscape": place.landscape,
            "seed": place.seed,
            "size": [place.width, place.height],
            "samples": generator.samples,
            "photo": str(generator.photo.resolve()),
            "views": list(views),
            "out": str(out),
        }
        (out / "job.json").write_text(json.dumps(job), encoding="utf-8")
        command = [str(generator.python), str(generator.scripts), str(out / "job.json")]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise _unavailable(f"{generator.python} cannot be run: {error.strerror}") from error
        if done.returncode or not (out / "camera.json").is_file():
            lines = done.stderr.strip().splitlines() or ["it said nothing"]
            raise _unavailable(f"Blender could not render: {lines[-1]}")
        for view in views:
            _store(out, folder, view)


def _store(out: Path, folder: Path, view: dict[str, Any]) -> None:
    """Turn the two EXR files of a view into one archive."""
    camera = json.loads((out / "camera.json").read_text(encoding="utf-8"))
    picture = _channels(out / f"{view['name']}.picture.exr")
    data = _channels(out / f"{view['name']}.data.exr")
    position = np.stack([data[f"ViewLayer.Position.{axis}"] for axis in "XYZ"], axis=-1)
    arrays = {
        "frame": np.array(view["frame"]),
        "K": np.array(view.get("K", camera["intrinsics"])),
        "viewmat": np.array(view.get("viewmat", camera["world_to_camera"])),
        "image": to_pixels(linear_to_srgb(picture["ViewLayer.Combined"][..., :3].clip(0, 1))),
        "positions": position.astype(np.float32),
        "velocity": data["ViewLayer.velocity"][..., :3],
        "coordinate": data["ViewLayer.coordinate"][..., :2],
        "label": np.rint(data["ViewLayer.label"][..., 0]).astype(np.uint8),
    }
    with whole_file(folder / f"{view['name']}.npz") as partial, partial.open("wb") as stream:
        np.savez_compressed(stream, **arrays)


def _channels(path: Path) -> dict[str, NDArray[Any]]:
    channels = OpenEXR.File(str(path)).parts[0].channels
    return {name: channel.pixels for name, channel in channels.items()}


def _load(path: Path) -> TruthView:
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    height, width = arrays["label"].shape
    return TruthView(
        int(arrays["frame"]),
        Camera(width, height, arrays["K"], arrays["viewmat"]),
        arrays["image"].astype(np.float32) / np.float32(255.0),
        arrays["positions"],
        arrays["velocity"],
        arrays["coordinate"],
        arrays["label"],
    )


def _unavailable(reason: str) -> LivescapeError:
    return LivescapeError(
        "truth_unavailable",
        f"{reason}.",
        hint="Run it in a checkout of Livescape after `make setup`, or name --blender.",
    )
