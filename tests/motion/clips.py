"""Clips with known motion."""

import functools
import io

import av
import cv2
import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter
from tests.data.files import load_photo

RIVER_FPS = 5.0
RIVER_TOP = 272
"""First row of the river's water: above it the temple and its walls stand."""


def river_flow():
    """Return motion [H, W, 2] in pixels per frame and mask [H, W] of the clip of a river.

    Water runs to the right, the faster the nearer, round gentle bends.
    """
    height, width = load_photo("golden_temple").shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    near = (y - RIVER_TOP) / (height - RIVER_TOP)
    flow = np.stack([0.5 + 0.7 * near, 0.25 * np.sin(x / 40)], axis=-1)
    return flow.astype(np.float32), y >= RIVER_TOP


@functools.cache
def river():
    """Return the bytes of a clip of water with real ripples between walls that stand.

    A photograph of a pool, whose pixels are carried along the known motion where there is water.
    """
    flow, mask = river_flow()
    photo = load_photo("golden_temple") * 255
    mirrored = np.concatenate([photo[RIVER_TOP:][::-1], photo[RIVER_TOP:]])
    water = np.concatenate([mirrored, mirrored])[-len(photo) :]  # above the water's edge too
    frames = carried(water, flow, 20)
    frames[:, ~mask] = photo[~mask]
    return gif(frames.clip(0, 255).astype(np.uint8), pause_ms=1000 / RIVER_FPS)


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
    frames = np.where(share > 0.5, carried(inside, flow, count), beside)
    return np.repeat(frames.clip(0, 255).astype(np.uint8)[..., None], 3, axis=-1)


def carried(image, flow, count):
    """Return ``count`` frames of an image that streams along ``flow`` from the first on."""
    height, width = flow.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    frames = []
    for _ in range(count):
        frames.append(cv2.remap(image, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT))
        back = cv2.remap(flow, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        x, y = x - back[..., 0], y - back[..., 1]
    return np.stack(frames)


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
