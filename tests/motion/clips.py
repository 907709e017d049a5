"""Clips with known motion, and real ones where the reference is there."""

import io
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

CLIPS = Path(__file__).resolve().parents[3] / "shared" / "clips"


def river_bank():
    """Return the bytes of a real river's clip; skip where the reference is absent."""
    path = CLIPS / "river_bank.gif"
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    return path.read_bytes()


def gif(frames, pause_ms=100):
    images = [Image.fromarray(frame) for frame in frames]
    stream = io.BytesIO()
    images[0].save(
        stream, "GIF", save_all=True, append_images=images[1:], duration=pause_ms, loop=0
    )
    return stream.getvalue()


def video(frames, fps=12, container="mp4", codec="mpeg4", pixels="yuv420p"):
    stream = io.BytesIO()
    with av.open(stream, "w", format=container) as file:
        encoder = file.add_stream(codec, rate=fps)
        encoder.height, encoder.width = frames[0].shape[:2]
        encoder.pix_fmt = pixels
        for frame in frames:
            file.mux(encoder.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        file.mux(encoder.encode())
    return stream.getvalue()


def texture(height, width, seed=0):
    """Return grey noise [H, W] in 0..255 with structure of a few pixels."""
    noise = gaussian_filter(np.random.default_rng(seed).normal(size=(height, width)), 1.5)
    return (128 + 45 * noise / noise.std()).clip(0, 255).astype(np.float32)


def advected(flow, count, mask=None, seed=0):
    """Return frames [T, H, W, 3]: within ``mask`` a texture carried along ``flow`` [H, W, 2].

    Frame k shows at x what stood at the place from which the flow leads to x in k steps.
    """
    height, width = flow.shape[:2]
    inside, beside = texture(height, width, seed), texture(height, width, seed + 1)
    share = np.ones((height, width)) if mask is None else mask
    y, x = np.mgrid[:height, :width].astype(np.float32)
    frames = []
    for _ in range(count):
        carried = cv2.remap(inside, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        frames.append(np.where(share > 0.5, carried, beside).clip(0, 255).astype(np.uint8))
        back = cv2.remap(flow, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        x, y = x - back[..., 0], y - back[..., 1]
    return np.repeat(np.stack(frames)[..., None], 3, axis=-1)


def shaken(frames, sigma=1.5, seed=0):
    """Return frames moved and turned a little at random, the first one as it is."""
    rng = np.random.default_rng(seed)
    moved = [frames[0]]
    for frame in frames[1:]:
        size = frame.shape[1::-1]
        centre = (size[0] / 2, size[1] / 2)
        matrix = cv2.getRotationMatrix2D(centre, rng.normal(0, 0.2), 1.0)
        matrix[:, 2] += rng.normal(0, sigma, 2)
        moved.append(
            cv2.warpAffine(
                frame, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
            )
        )
    return np.stack(moved)
