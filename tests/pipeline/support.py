"""Requests over a small crop of the demonstration photograph."""

import io
from pathlib import Path

import cv2
import numpy as np

from livescape.imaging.png import read_pixels
from livescape.pipeline import generate
from livescape_shared.camera import Camera, CameraPath
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import GenerateSettings

PHOTO = Path(__file__).resolve().parents[2] / "demo" / "chenonceau_river.jpg"
WIDTH, HEIGHT = 160, 120
TINY = GenerateSettings(
    working_size=128,
    gaussian_budget=3000,
    views=4,
    fit_iterations=10,
    deform_iterations=4,
    loop="on",
    loop_frames=8,
)
TO_BLENDER = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""World-to-camera rotation of a camera that looks along +y with z up."""


def crop() -> bytes:
    """Castle, trees, sky and a wide strip of river, as PNG."""
    photo = read_pixels(PHOTO)[..., ::-1]
    small = cv2.resize(photo, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return png(small)


def png(image) -> bytes:
    """The bytes of a PNG file of 8- or 16-bit grey or BGR pixels."""
    return cv2.imencode(".png", image)[1].tobytes()


def npy(array) -> bytes:
    """The bytes of a .npy file."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def camera(x=0.0, y=0.0, width=WIDTH, height=HEIGHT) -> Camera:
    """A camera 1.7 m above the ground with a field of view of about 50 degrees."""
    viewmat = np.eye(4)
    viewmat[:3, :3] = TO_BLENDER
    viewmat[:3, 3] = -TO_BLENDER @ [x, y, 1.7]
    K = np.array([[1.07 * width, 0, width / 2], [0, 1.07 * width, height / 2], [0, 0, 1]])
    return Camera(width, height, K, viewmat)


def path(frames=5, start=11) -> CameraPath:
    """A slow move to the right and forward."""
    cameras = tuple(camera(0.03 * index, 0.04 * index) for index in range(frames))
    return CameraPath(camera(), cameras, tuple(range(start, start + frames)))


def request(camera_path=None, photo=None, files=(), **settings) -> GenerateRequest:
    """A tiny request; keywords change its settings."""
    return GenerateRequest(
        camera_path or path(),
        TINY.changed(**settings),
        crop() if photo is None else photo,
        **dict(files),
    )


def run(asked, folder, report=None, cancelled=None):
    """Generate with callbacks that do nothing unless given."""
    return generate(
        asked,
        report=report or (lambda *_: None),
        cancelled=cancelled or (lambda: False),
        cache_dir=folder,
    )


def scene_arrays(scene):
    """All arrays of a scene by name, to compare two."""
    moving = scene.moving
    return {
        **{f"still.{name}": values for name, values in vars(scene.still).items()},
        **{f"moving.{name}": values for name, values in vars(moving.gaussians).items()},
        "coefficients": moving.coefficients,
        "life": moving.life,
        "eye": moving.eye,
    }
