"""A landscape of linear light with a sun in its sky, and how near a picture comes to it."""

import cv2
import numpy as np
import OpenEXR

WIDTH, HEIGHT = 160, 120
SUN = (20.0, 18.0, 14.0)
CENTRE, RADIUS = (108.0, 32.0), 11.0


def landscape(sun=SUN):
    """Return light [H, W, 3]: sky, ground half of which is lit, and a sun, its edge smooth."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    low = (y / HEIGHT)[..., None]
    sky = np.array([0.25, 0.35, 0.55]) + low * np.array([0.3, 0.3, 0.25])
    lit = np.where(x < WIDTH / 2, 0.5, 0.12)[..., None]
    rough = 1.0 + 0.3 * np.sin(x / 3.0) * np.sin(y / 2.0)
    light = np.where((y < 0.6 * HEIGHT)[..., None], sky, lit * rough[..., None] * (1.0, 0.9, 0.7))
    fine = (np.mgrid[: HEIGHT * 4, : WIDTH * 4] + 0.5) / 4.0
    inside = np.hypot(fine[1] - CENTRE[0], fine[0] - CENTRE[1]) < RADIUS
    share = cv2.resize(inside.astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return (light + share[..., None] * (np.array(sun) - light)).astype(np.float32)


def within(distance):
    """Return [H, W] which pixels are nearer to the sun's centre than its radius and more."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    return np.hypot(x - CENTRE[0], y - CENTRE[1]) < RADIUS + distance


def exr_bytes(path, light):
    """Write light [H, W, 3] as OpenEXR and return the bytes."""
    planes = {name: np.ascontiguousarray(light[..., index]) for index, name in enumerate("RGB")}
    OpenEXR.File({"type": OpenEXR.scanlineimage}, planes).write(str(path))
    return path.read_bytes()


def read_light(path):
    """Return the light [H, W, 3] of an OpenEXR file."""
    pixels = OpenEXR.File(str(path)).parts[0].channels
    if "RGB" in pixels or "RGBA" in pixels:
        return pixels.get("RGB", pixels.get("RGBA")).pixels[..., :3].astype(np.float32)
    return np.stack([pixels[name].pixels for name in "RGB"], axis=-1).astype(np.float32)
