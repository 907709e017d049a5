"""Five landscapes, each varied by a seed: a river, a sea, a waterfall, a lake and a canyon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scripts.truth.surfaces import (
    CLOUDS,
    OBSTACLE,
    Surface,
    blob,
    box,
    dome,
    fall,
    fan,
    flowing,
    sheet,
    stream,
)

Array = NDArray[np.float64]
Random = np.random.Generator


@dataclass(frozen=True)
class Landscape:
    """A place, and how the photograph of it is taken.

    Attributes:
        surfaces: All that is there.
        height: Of the camera above z = 0 in metres; it stands at x = y = 0 and looks along y.
        pitch: Degrees that it looks down.
        fov: Degrees across the picture's width.
        sun: Elevation and azimuth of the light in degrees, azimuth from behind the camera.
        warmth: Colour of the light [3].
        haze: Metres at which haze takes 63 % of a colour.
    """

    surfaces: tuple[Surface, ...]
    height: float
    pitch: float
    fov: float
    sun: tuple[float, float]
    warmth: tuple[float, float, float]
    haze: float


def river(random: Random) -> Landscape:
    """A stream that winds away between banks with trees; rocks stand in it."""
    bend, phase = random.uniform(2.0, 4.0), random.uniform(0.0, 6.3)
    y = np.linspace(-6.0, 160.0, 420)

    def middle(at: Array) -> Array:
        return np.asarray(1.5 + bend * (np.sin(at / 11.0 + phase) - np.sin(phase)) * at / (at + 30))

    line = np.stack([middle(y.clip(0)), y], axis=1)
    line = _evenly(line, 420)
    width = 3.4
    water = stream("water", line, np.linspace(-width - 1.0, width + 1.0, 21), 0.0, 5.0, 0.055)
    ground = _land(random, fan(-6.0, 320.0, 0.9), lambda p: _banks(p, middle, width))
    surfaces = [water, sheet("ground", ground, "grass", 5.0), dome()]
    for number, place in enumerate((7.5, 11.0, 15.0, 22.0)):
        x = middle(np.array(place)) + random.uniform(-0.6, 0.6) * width
        size = random.uniform(0.35, 0.7) * (1 + place / 30)
        surfaces.append(_rock(f"rock{number}", (float(x), place, 0.0), size, random, OBSTACLE))
    for number in range(26):
        place = random.uniform(9.0, 90.0)
        side = random.choice((-1.0, 1.0)) * random.uniform(width + 2.5, width + 9.0 + place / 4)
        surfaces += _tree(f"tree{number}", middle(np.array(place)) + side, place, 1.0, random)
    return _photographed(surfaces, random, height=2.6, pitch=9.0)


def sea(random: Random) -> Landscape:
    """Waves roll towards a beach, clouds move, posts and a boat stand in the water."""
    wind = random.uniform(-2.0, 2.0)
    level = fan(1.0, 3500.0, 1.2)
    water = np.concatenate([level, np.zeros((*level.shape[:2], 1))], axis=-1)
    above = fan(-200.0, 9000.0, 1.3, 60, 60)
    deck = np.concatenate([above, np.full((*above.shape[:2], 1), 260.0)], axis=-1)
    shore = random.uniform(5.0, 7.0)

    def beach(p: Array) -> Array:
        edge = shore + 1.2 * np.sin(p[..., 0] / 4.0) - 0.5 * p[..., 0]
        return np.asarray(0.09 * (edge - p[..., 1]).clip(-30.0))

    surfaces = [
        flowing("water", water, "rough", 7.0, (0.3 * 0.05 * np.sign(wind), -0.05)),
        flowing("clouds", deck, "clouds", 1500.0, (wind, -1.6), label=CLOUDS),
        sheet("beach", _land(random, fan(-6.0, 60.0, 1.0), beach, 0.05), "sand", 3.0),
        _boat("boat", (random.uniform(-4, 4), 22.0), 1.0),
        dome(),
    ]
    for number in range(5):
        centre = np.array([2.0 + 0.8 * number, 9.0 + 1.7 * number, 0.5])
        surfaces.append(box(f"post{number}", centre, np.array([0.22, 0.22, 2.6]), "wood", OBSTACLE))
    for number in range(3):
        place = (-3.0 - 1.6 * number, 8.0 + number, 0.0)
        surfaces.append(_rock(f"rock{number}", place, random.uniform(0.5, 0.9), random, OBSTACLE))
    return _photographed(surfaces, random, height=2.4, pitch=3.0)


def waterfall(random: Random) -> Landscape:
    """Water falls over a cliff into a pool that flows towards the camera."""
    top, width = random.uniform(6.5, 8.0), random.uniform(1.3, 1.9)
    foot = 13.0
    x, z = np.linspace(-26.0, 26.0, 150), np.linspace(-1.0, 12.0, 90)
    wall = np.stack(np.broadcast_arrays(x[None], foot + 0.55 + 0.2 * z[:, None], z[:, None]), -1)
    wall[..., 1] += 0.9 * _waves(random, wall[..., (0, 2)] / 2.2)
    wall[..., 2] *= np.where(np.abs(x) < width + 0.4, top / 12.0, 1.0)[None]
    wall[..., 1] += 0.9 * np.exp(-((x / (width + 0.7)) ** 4))[None]
    level = np.stack(np.meshgrid(np.linspace(-14, 14, 40), np.linspace(-2, 14.5, 40)), axis=-1)
    pool = np.concatenate([level, np.zeros((*level.shape[:2], 1))], axis=-1)

    def banks(p: Array) -> Array:
        side = np.abs(p[..., 0] + 0.6 * np.sin(p[..., 1] / 2.0)) - 4.2 - 0.12 * p[..., 1]
        return np.asarray(np.clip(0.55 * side, -1.0, 5.0))

    surfaces = [
        fall("fall", -width, width, foot, top, 0.035, 0.0016),
        flowing("pool", pool, "water", 3.5, (0.006, -0.034)),
        sheet("cliff", wall, "rock", 4.0),
        sheet("banks", _land(random, fan(-6.0, 30.0, 0.8), banks, 0.2), "grass", 4.0),
        dome(),
    ]
    for number in range(6):
        place = (random.uniform(-3.6, 3.6), random.uniform(5.0, 11.5), 0.0)
        surfaces.append(_rock(f"rock{number}", place, random.uniform(0.3, 0.65), random, OBSTACLE))
    for number in range(10):
        behind = random.uniform(7.0, 12.0)
        side = random.choice((-1.0, 1.0)) * random.uniform(6.3, 10.0)
        surfaces += _tree(f"tree{number}", side, behind, 0.5, random)
    return _photographed(surfaces, random, height=2.2, pitch=-3.0)


def lake(random: Random) -> Landscape:
    """Wind drives ripples over a lake with boats and posts; the far shore is wooded."""
    far = random.uniform(45.0, 60.0)
    level = fan(-6.0, far + 14.0, 1.1)
    water = np.concatenate([level, np.zeros((*level.shape[:2], 1))], axis=-1)

    def shore(p: Array) -> Array:
        edge = p[..., 1] - far - 3.0 * np.sin(p[..., 0] / 12.0)
        near = 2.6 - p[..., 1] + 0.3 * np.sin(p[..., 0])
        return np.asarray(np.maximum(0.22 * edge, 0.3 * near).clip(-1.2, 18.0))

    drift = (0.045 * random.choice((-1.0, 1.0)), random.uniform(-0.02, 0.02))
    surfaces = [
        flowing("water", water, "rough", 5.0, drift),
        sheet("shore", _land(random, fan(-6.0, 260.0, 1.0), shore, 0.25), "grass", 6.0),
        dome(),
    ]
    for number in range(3):
        place = (random.uniform(-4.0, 4.0) * (1 + number), 9.0 + 8.0 * number)
        surfaces.append(_boat(f"boat{number}", place, random.uniform(0.8, 1.1)))
    for number in range(7):
        centre = np.array([-2.6 - 0.5 * number, 5.5 + 1.5 * number, 0.35])
        surfaces.append(box(f"post{number}", centre, np.array([0.16, 0.16, 1.9]), "wood", OBSTACLE))
    for number in range(40):
        behind = far + random.uniform(5.0, 26.0)
        surfaces += _tree(f"tree{number}", random.uniform(-55, 55), behind, 0.9, random)
    return _photographed(surfaces, random, height=2.0, pitch=4.0)


def canyon(random: Random) -> Landscape:
    """Dry walls of layered rock on both sides; nothing moves."""
    bend = random.uniform(3.0, 6.0)

    def walls(p: Array) -> Array:
        middle = bend * np.sin(p[..., 1] / 19.0) * p[..., 1] / (p[..., 1].clip(0) + 25)
        side = np.abs(p[..., 0] - middle) - 4.0
        steps = side + 1.2 * np.sin(1.6 * side)
        return np.asarray(np.clip(1.5 * steps, 0.0, 15.0))

    ground = _land(random, fan(-6.0, 220.0, 0.8, 220, 260), walls, 0.5)
    slope = np.stack([ground[..., 1], ground[..., 2] + 0.4 * ground[..., 0]], axis=-1)
    surface = sheet("walls", ground, "strata", 9.0)
    upright = Surface(
        surface.name, surface.vertices, surface.faces, slope.reshape(-1, 2) / 9.0, "strata"
    )
    surfaces = [upright, dome()]
    for number in range(14):
        place = (random.uniform(-3.5, 3.5), random.uniform(5.5, 30.0), 0.0)
        surfaces.append(_rock(f"rock{number}", place, random.uniform(0.3, 0.9), random))
    return _photographed(surfaces, random, height=2.4, pitch=2.0)


LANDSCAPES: dict[str, Callable[[Random], Landscape]] = {
    make.__name__: make for make in (river, sea, waterfall, lake, canyon)
}


def landscape(name: str, seed: int) -> Landscape:
    """Return the landscape ``name`` as ``seed`` varies it."""
    return LANDSCAPES[name](np.random.default_rng(seed))


def _photographed(
    surfaces: list[Surface], random: Random, *, height: float, pitch: float
) -> Landscape:
    warm = random.uniform(0.0, 1.0)
    return Landscape(
        tuple(surfaces),
        height * random.uniform(0.9, 1.1),
        pitch + random.uniform(-1.0, 1.0),
        random.uniform(55.0, 65.0),
        (random.uniform(24.0, 60.0), random.uniform(-70.0, 70.0)),
        (1.0, 0.97 - 0.12 * warm, 0.92 - 0.28 * warm),
        random.uniform(150.0, 400.0),
    )


def _evenly(line: Array, count: int) -> Array:
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0.0, arc[-1], count)
    return np.stack([np.interp(at, arc, line[:, axis]) for axis in (0, 1)], axis=1)


def _waves(random: Random, positions: Array) -> Array:
    """Return smooth uneven heights in about -1..1 at positions [..., 2]."""
    total = np.zeros(positions.shape[:-1])
    for octave in range(4):
        turn, phase = random.uniform(0, 6.3), random.uniform(0, 6.3, 2)
        across = 2.0**octave * (positions @ np.array([np.cos(turn), np.sin(turn)]))
        along = 2.0**octave * (positions @ np.array([-np.sin(turn), np.cos(turn)]))
        total += 0.5 ** (octave + 1) * np.sin(across + phase[0]) * np.cos(along + phase[1])
    return total


def _land(
    random: Random, plane: Array, height: Callable[[Array], Array], rough: float = 0.3
) -> Array:
    """Return positions [R, C, 3] of ground at ``height``, uneven where it is above water."""
    level = height(plane)
    bumps = rough * (1.0 + _waves(random, plane / 3.0)) * np.clip(level, 0.0, 1.0)
    return np.concatenate([plane, (level + bumps)[..., None]], axis=-1)


def _banks(plane: Array, middle: Callable[[Array], Array], width: float) -> Array:
    side = np.abs(plane[..., 0] - middle(plane[..., 1].clip(0))) - width
    hills = 12.0 * np.clip((side - 10.0) / 80.0, 0.0, 1.0)
    return np.asarray(np.clip(0.5 * side, -1.0, 0.6) + hills)


def _rock(
    name: str, place: tuple[float, float, float], size: float, random: Random, label: int = 0
) -> Surface:
    radii = size * random.uniform(0.7, 1.2, 3) * np.array([1.2, 1.0, 0.8])
    return blob(name, np.array(place), radii, "rock", random, label)


def _tree(name: str, x: float, y: float, foot: float, random: Random) -> list[Surface]:
    size = random.uniform(0.9, 1.7) * (1.0 + y / 60.0)
    foot += 12.0 * max(0.0, min(1.0, (abs(x) - 15.0) / 80.0))
    trunk = box(
        f"{name}.trunk", np.array([x, y, foot + 0.8 * size]),
        np.array([0.22, 0.22, 2.4 * size]), "wood",
    )  # fmt: skip
    crown = blob(
        f"{name}.crown", np.array([x, y, foot + 2.4 * size]),
        size * random.uniform(0.8, 1.2, 3) * np.array([1.0, 1.0, 1.3]), "leaves", random,
    )  # fmt: skip
    return [trunk, crown]


def _boat(name: str, place: tuple[float, float], size: float) -> Surface:
    hull = size * np.array([3.2, 1.3, 0.9])
    return box(name, np.array([*place, 0.22 * size]), hull, "paint", OBSTACLE, taper=0.3)
