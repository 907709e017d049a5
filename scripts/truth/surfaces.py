"""Meshes of landscapes: where they are, which texture they carry, and how it flows over them.

Geometry stands still. What moves is the texture: it is looked up at ``coordinates - rate * t``,
so that what shows at a point X now shows at X + velocity a frame later, where
velocity = dX / d(coordinates) . rate. Both are given at the vertices; a renderer interpolates both
linearly, and they stay consistent with each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STANDS, WATER, CLOUDS, OBSTACLE, SKY = range(5)
"""Labels: land; moving water; moving clouds; what stands in water; sky that does not move."""


@dataclass(frozen=True)
class Surface:
    """One textured mesh.

    Attributes:
        name: Unique within a landscape.
        vertices: [V, 3] metres, Z up.
        faces: [F, 4] indices.
        coordinates: [V, 2] in texture tiles.
        texture: Name of its texture.
        label: One of the labels.
        rate: [V, 2] tiles a frame by which the texture moves on.
        velocity: [V, 3] metres a frame.
        glows: Whether it is as bright as its texture, whatever the light.
    """

    name: str
    vertices: Array
    faces: NDArray[np.int64]
    coordinates: Array
    texture: str
    label: int = STANDS
    rate: Array | None = None
    velocity: Array | None = None
    glows: bool = False


def texels_per_pixel(surface: Surface, eye: float, focal: float) -> tuple[float, float]:
    """Return factor and power of distance in metres: how many texels a pixel spans there.

    On level surfaces it grows with the square of distance, by foreshortening.

    Args:
        surface: The surface.
        eye: Height of the camera in metres.
        focal: In pixels.
    """
    size = np.ptp(surface.vertices, axis=0)
    tiles = np.ptp(surface.coordinates, axis=0)
    texel = float(np.linalg.norm(size) / max(float(np.linalg.norm(tiles)), 1e-9)) / 512.0
    height = abs(float(np.median(surface.vertices[:, 2])) - eye)
    level = size[2] < 0.3 * min(size[0], size[1])
    if level and surface.label != SKY:
        return 1.0 / (max(height, 0.5) * focal * texel), 2.0
    return 1.0 / (focal * texel), 1.0


def grid_faces(rows: int, columns: int) -> NDArray[np.int64]:
    """Return the quads [F, 4] of vertices laid out [rows, columns]."""
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).reshape(-1)
    return np.stack([corner, corner + 1, corner + columns + 1, corner + columns], axis=1)


def fan(near: float, far: float, spread: float, rows: int = 150, columns: int = 170) -> Array:
    """Return ground positions [rows, columns, 2] whose spacing grows with distance.

    Args:
        near: First y in metres, may be behind the camera.
        far: Last y.
        spread: Half the width over the distance from ``near``.
        rows: Along y.
        columns: Across.
    """
    y = near + (far - near) * np.expm1(np.linspace(0, 4.5, rows)) / np.expm1(4.5)
    half = 8.0 + spread * (y - near)
    x = np.linspace(-1.0, 1.0, columns)[None] * half[:, None]
    return np.stack([x, np.broadcast_to(y[:, None], x.shape)], axis=-1)


def sheet(name: str, positions: Array, texture: str, tile: float) -> Surface:
    """Return land over a grid of positions [R, C, 3], textured by x and y (or x and z)."""
    rows, columns, _ = positions.shape
    flat = positions.reshape(-1, 3)
    upright = np.ptp(flat[:, 2]) > np.ptp(flat[:, 1])
    coordinates = flat[:, (0, 2)] if upright else flat[:, :2]
    return Surface(name, flat, grid_faces(rows, columns), coordinates / tile, texture)


def flowing(
    name: str,
    positions: Array,
    texture: str,
    tile: float,
    velocity: tuple[float, float],
    label: int = WATER,
) -> Surface:
    """Return a level sheet [R, C, 3] whose texture moves by ``velocity`` metres a frame."""
    count = positions.shape[0] * positions.shape[1]
    return replace(
        sheet(name, positions, texture, tile),
        label=label,
        rate=np.tile(np.array(velocity) / tile, (count, 1)),
        velocity=np.tile(np.array([*velocity, 0.0]), (count, 1)),
        glows=label == CLOUDS,
    )


def stream(
    name: str, centre: Array, offsets: Array, height: float, tile: float, speed: float
) -> Surface:
    """Return a river along a curve, faster in its middle.

    Args:
        name: Of the surface.
        centre: [S, 2] points of the centre line, evenly spaced.
        offsets: [C] metres to the side.
        height: Of the water in metres.
        tile: Metres of one texture tile.
        speed: Metres a frame along the centre line.
    """
    step = np.gradient(centre, axis=0)
    length = np.linalg.norm(step, axis=1, keepdims=True)
    side = np.stack([step[:, 1], -step[:, 0]], axis=1) / length
    plane = centre[:, None] + offsets[None, :, None] * side[:, None]
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(centre, axis=0), axis=1))])
    along = np.gradient(plane, arc, axis=0)
    share = speed * (1.0 - 0.6 * (offsets / np.abs(offsets).max()) ** 2)
    rate = np.broadcast_to(share[None, :, None], (*plane.shape[:2], 1)) / tile
    velocity = along * share[None, :, None]
    coordinates = np.stack(np.broadcast_arrays(arc[:, None], offsets[None]), axis=-1) / tile
    zero = np.zeros((*plane.shape[:2], 1))
    return Surface(
        name,
        np.concatenate([plane, zero + height], axis=-1).reshape(-1, 3),
        grid_faces(len(centre), len(offsets)),
        coordinates.reshape(-1, 2),
        "water",
        WATER,
        np.concatenate([rate, zero], axis=-1).reshape(-1, 2),
        np.concatenate([velocity, zero], axis=-1).reshape(-1, 3),
    )


def fall(
    name: str, left: float, right: float, y: float, top: float, first: float, gravity: float
) -> Surface:
    """Return a sheet of water that falls from ``top`` to 0: height = top - first t - g t^2 / 2.

    Args:
        name: Of the surface.
        left: x of its left edge in metres.
        right: x of its right edge.
        y: Of the sheet at its foot; it leans back by a fifth of its height.
        top: Height of the lip in metres.
        first: Speed at the lip, metres a frame.
        gravity: Metres a frame squared.
    """
    last = (-first + np.sqrt(first**2 + 2 * gravity * top)) / gravity
    time = np.linspace(0.0, last, 120)[:, None]
    across = np.linspace(left, right, 24)[None]
    z = top - first * time - 0.5 * gravity * time**2
    speed = -(first + gravity * time)
    x, z, speed, time = np.broadcast_arrays(across, z, speed, time)
    lean = 0.2
    vertices = np.stack([x, y + lean * z, z], axis=-1).reshape(-1, 3)
    velocity = np.stack([np.zeros_like(z), lean * speed, speed], axis=-1).reshape(-1, 3)
    frames = 60.0
    coordinates = np.stack([x / 2.0, time / frames], axis=-1).reshape(-1, 2)
    rate = np.tile([0.0, 1.0 / frames], (len(vertices), 1))
    return Surface(name, vertices, grid_faces(120, 24), coordinates, "fall", WATER, rate, velocity)


def blob(
    name: str, centre: Array, radii: Array, texture: str, random: np.random.Generator,
    label: int = STANDS, tile: float = 2.0,
) -> Surface:  # fmt: skip
    """Return an uneven ellipsoid: a rock, or the crown of a tree."""
    rows, columns = 14, 22
    polar = np.linspace(0.0, np.pi, rows)[:, None]
    turn = np.linspace(0.0, 2 * np.pi, columns)[None]
    unit = np.stack(
        np.broadcast_arrays(
            np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar)
        ),
        axis=-1,
    )
    phase = random.uniform(0, 6.3, (4, 3))
    wave = sum(np.sin(unit @ (3.0 * np.cos(p)) + p.sum()) for p in phase) / 4.0
    vertices = centre + unit * (1.0 + 0.3 * wave[..., None]) * radii
    coordinates = np.stack(
        np.broadcast_arrays(turn * radii[0] / tile, polar * radii[2] / tile), axis=-1
    )
    return Surface(
        name, vertices.reshape(-1, 3), grid_faces(rows, columns), coordinates.reshape(-1, 2),
        texture, label,
    )  # fmt: skip


def box(
    name: str, centre: Array, size: Array, texture: str, label: int = STANDS, taper: float = 0.0
) -> Surface:
    """Return a box on its centre; ``taper`` narrows its bottom along x and y, as a hull is."""
    corners = np.array(
        [[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64
    )
    corners[corners[:, 2] < 0, :2] *= 1.0 - taper
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    vertices, coordinates = [], []
    for side in sides:
        quad = corners[list(side)] * size / 2.0
        flat = np.ptp(quad, axis=0).argsort()[1:]
        vertices.append(centre + quad)
        coordinates.append(quad[:, np.sort(flat)] / 1.5)
    faces = np.arange(24).reshape(6, 4)
    return Surface(
        name, np.concatenate(vertices), faces, np.concatenate(coordinates), texture, label
    )


def dome(radius: float = 4000.0) -> Surface:
    """Return the sky that does not move."""
    rows, columns = 12, 40
    height = np.linspace(-0.3, np.pi / 2, rows)[:, None]
    turn = np.linspace(0.0, 2 * np.pi, columns)[None]
    unit = np.stack(
        np.broadcast_arrays(
            np.cos(height) * np.cos(turn), np.cos(height) * np.sin(turn), np.sin(height)
        ),
        axis=-1,
    )
    coordinates = np.stack(np.broadcast_arrays(turn, height), axis=-1).reshape(-1, 2)
    return Surface(
        "sky", radius * unit.reshape(-1, 3), grid_faces(rows, columns), coordinates, "sky", SKY,
        glows=True,
    )  # fmt: skip
