"""The folders of "Animating Pictures with Eulerian Motion Fields" (Holynski et al., CVPR 2021).

For every scene they hold ``SCENE_gt.mp4``, the film; ``SCENE_motion.pth``, its mean optical flow in
pixels a frame; and ``SCENE_input.jpg``, which is the film's first frame. The motion is an LZ4 frame
around a pickled array [1, 2, H, W], as the loaders of SLR-SFS and 3D-Cinemagraphy read it;
``SCENE_motion.npy`` and ``.npz`` are read too.
"""

from __future__ import annotations

import importlib
import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape.evaluate.clip_files import read_frames
from livescape.evaluate.clips import ClipTruth, clip_truth
from livescape.evaluate.tiers import npy_bytes
from livescape.imaging.faults import Unreadable, decoding
from livescape.motion.flow_file import read_flow
from livescape_shared.errors import LivescapeError
from livescape_shared.files import input_refusal

Float32Array = NDArray[np.float32]

FILMS = ("_gt.mp4", "_gt.gif")
MOTIONS = ("_motion.pth", "_motion.npy", "_motion.npz")

LZ4_FRAME = b"\x04\x22\x4d\x18"

_ARRAYS = {"_reconstruct", "_frombuffer", "ndarray", "dtype"}
"""What a pickled array may name in NumPy; nothing else is ever loaded."""


def find_scenes(folder: Path) -> list[tuple[str, Path, Path]]:
    """Return name, film and motion of every scene, by name.

    Raises:
        LivescapeError: ``input_unreadable`` if there is none, or the folder cannot be read.
    """
    scenes = []
    try:
        films = sorted(folder.rglob("*_gt.*")) if folder.is_dir() else []
    except OSError as error:
        raise input_refusal(folder, error) from error
    for path in films:
        name = path.stem.removesuffix("_gt")
        motions = [path.with_name(name + end) for end in MOTIONS]
        found = [motion for motion in motions if motion.is_file()]
        if path.name.endswith(FILMS) and found:
            scenes.append((name, path, found[0]))
    if not scenes:
        raise LivescapeError(
            "input_unreadable",
            f"{folder.name or folder} holds no scene of a film and its motion.",
            hint="Name a folder with SCENE_gt.mp4 and SCENE_motion.pth, such as validation.",
        )
    return scenes


def read_scene(name: str, film: Path, motion: Path, long_side: int) -> ClipTruth:
    """Return a scene as truth, its long side at most ``long_side`` pixels.

    Raises:
        LivescapeError: ``flow_invalid``, ``flow_size_mismatch`` and the codes of clips.
    """
    clip = read_frames(film)
    return clip_truth(name, clip, long_side, read_motion(motion))


def read_motion(path: Path) -> Float32Array:
    """Read a mean flow [H, W, 2] in pixels per frame of its size.

    Raises:
        LivescapeError: ``flow_invalid``; ``package_missing`` without a reader of LZ4.
    """
    data = path.read_bytes()
    if path.suffix != ".pth":
        return read_flow(data)
    try:
        with decoding("it is no pickled array"):
            if data.startswith(LZ4_FRAME):
                data = _lz4().decompress(data)
            array = np.asarray(_ArrayUnpickler(io.BytesIO(data)).load(), dtype=np.float32)
            flow = np.moveaxis(array.reshape(array.shape[-3:]), 0, -1)
    except Unreadable as fault:
        message = f"{path.name} cannot be read: {fault}."
        raise LivescapeError("flow_invalid", message, hint="Download it again.") from fault
    return read_flow(npy_bytes(flow))


def _lz4() -> Any:
    try:
        return importlib.import_module("lz4.frame")
    except ImportError as error:
        message = "Motion files of this data set are packed with LZ4, and no reader is installed."
        raise LivescapeError(
            "package_missing", message, hint="pip install 'livescape[evaluate]'"
        ) from error


class _ArrayUnpickler(pickle.Unpickler):
    """Loads arrays, and refuses whatever else a pickle could make Python do."""

    def find_class(self, module: str, name: str) -> Any:
        if module.split(".")[0] == "numpy" and name in _ARRAYS:
            home = "numpy" if name in ("ndarray", "dtype") else "numpy._core"
            within = {"_reconstruct": ".multiarray", "_frombuffer": ".numeric"}.get(name, "")
            return getattr(importlib.import_module(home + within), name)
        if (module, name) == ("_codecs", "encode"):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no array")
