"""A canal between walls that stand, filmed by a camera that moves: every pixel by ray casting."""

import cv2
import numpy as np
from scipy.spatial.transform import Rotation
from tests.motion.clips import texture

WIDTH, HEIGHT, FRAMES = 256, 192, 14
K = np.array([[220.0, 0, WIDTH / 2], [0, 220.0, HEIGHT / 2], [0, 0, 1]])
WALLS = ((2, 14.0), (0, -3.0), (0, 4.5))
"""Axis and place of the walls: behind, at the left and at the right."""

FLOOR = 1.5
DRIFT = np.array([0.04, 0.0, -0.02])
"""Metres that the water goes in a frame."""

_TEXTURES = [texture(1024, 1024, seed) for seed in range(4)]


def pose(turn, way):
    """Return the matrix [4, 4] of a camera turned by degrees [3] and moved by metres [3]."""
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_rotvec(np.radians(turn)).as_matrix()
    matrix[:3, 3] = way
    return matrix


def poses(turn=(0, 0, 0), way=(0, 0, 0), shake=0.0):
    """Return the cameras of a clip that goes evenly from the first to ``turn`` and ``way``."""
    rng = np.random.default_rng(3)
    found = []
    for k, share in enumerate(np.linspace(0.0, 1.0, FRAMES)):
        noise = rng.normal(size=(2, 3)) * shake * (k > 0)
        found.append(
            pose(share * np.array(turn) + noise[0], share * np.array(way) + 0.05 * noise[1])
        )
    return found


def hit(viewmat):
    """Return what each pixel shows: world points [H, W, 3], depth [H, W] and surface [H, W]."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    local = np.stack([x, y, np.ones_like(x)], -1) @ np.linalg.inv(K).T
    rays = local @ viewmat[:3, :3]
    origin = -viewmat[:3, :3].T @ viewmat[:3, 3]
    far = np.full((HEIGHT, WIDTH), np.inf)
    surface = np.full((HEIGHT, WIDTH), -1)
    for number, (axis, place) in enumerate(((1, FLOOR), *WALLS)):
        with np.errstate(divide="ignore"):
            t = (place - origin[axis]) / rays[..., axis]
        nearer = (t > 0) & (t < far)
        far, surface = np.where(nearer, t, far), np.where(nearer, number, surface)
    return origin + far[..., None] * rays, far, surface


def filmed(cameras, drift=DRIFT):
    """Return the frames [T, H, W, 3] of the canal."""
    frames = []
    for k, viewmat in enumerate(cameras):
        points, _, surface = hit(viewmat)
        image = np.zeros((HEIGHT, WIDTH), np.float32)
        for number in range(4):
            axis = 1 if number == 0 else WALLS[number - 1][0]
            at = points - k * drift if number == 0 else points
            u, v = (40.0 * at[..., other] for other in range(3) if other != axis)
            shown = cv2.remap(
                _TEXTURES[number],
                np.float32(u % 1024),
                np.float32(v % 1024),
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_WRAP,
            )
            image = np.where(surface == number, shown, image)
        frames.append(image)
    return np.repeat(np.uint8(np.clip(frames, 0, 255))[..., None], 3, axis=-1)


def truth():
    """Return flow [H, W, 2] in pixels per frame, depth and water [H, W] of the first frame."""
    points, depth, surface = hit(np.eye(4))
    before, after = (at @ K.T for at in (points, points + DRIFT))
    flow = after[..., :2] / after[..., 2:] - before[..., :2] / before[..., 2:]
    return np.where((surface == 0)[..., None], flow, 0.0), depth, surface == 0
