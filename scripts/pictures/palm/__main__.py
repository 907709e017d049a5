"""Render the sea of ``scripts/truth`` with a palm: ``python scripts/pictures/palm JOB.json``.

It takes the jobs of ``scripts/truth``; the landscape is called ``palm``. It is not one of those
that are measured.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from dataclasses import replace

from scripts.truth.__main__ import main
from scripts.truth.landscapes import LANDSCAPES, Landscape, Random, sea
from scripts.truth.surfaces import Surface, grid_faces

Array = NDArray[np.float64]

FOOT = np.array([0.2, 6.0, 0.0])
HEIGHT = 3.9
FRONDS, LEAFLETS = 13, 26


def palm(random: Random) -> Landscape:
    """The sea, before which a palm leans into the clouds."""
    shore = sea(random)
    bend = np.linspace(0.0, 1.0, 24)[:, None]
    trunk = FOOT + bend * np.array([0.0, 0.0, HEIGHT]) + bend**2 * np.array([-1.1, 0.2, -0.3])
    fronds = [_frond(trunk[-1], turn, random) for turn in np.linspace(0, 6.283, FRONDS)[:-1]]
    leaves = np.concatenate(fronds)
    crown = Surface(
        "palm.crown",
        leaves.reshape(-1, 3),
        np.arange(4 * len(leaves)).reshape(-1, 4),
        leaves.reshape(-1, 3)[:, [0, 2]] / 2.0,
        "leaves",
    )
    surfaces = (*(s for s in shore.surfaces if s.name != "boat"), _trunk(trunk), crown)
    return replace(shore, surfaces=surfaces)


def _trunk(line: Array) -> Surface:
    """Return a tube along a line [N, 3], 20 cm thick at its foot and 12 at its top."""
    turn = np.linspace(0.0, 2 * np.pi, 13)
    radius = np.linspace(0.10, 0.06, len(line))[:, None, None]
    ring = np.stack([np.cos(turn), np.sin(turn), np.zeros_like(turn)], axis=-1)
    along = np.broadcast_to(np.linspace(0.0, 3.0, len(line))[:, None], (len(line), len(turn)))
    around = np.broadcast_to(turn / (2 * np.pi), along.shape)
    return Surface(
        "palm.trunk", (line[:, None] + radius * ring).reshape(-1, 3),
        grid_faces(len(line), len(turn)), np.stack([around, along], -1).reshape(-1, 2), "wood",
    )  # fmt: skip


def _frond(start: Array, turn: float, random: Random) -> Array:
    """Return the leaflets [L, 4, 3] of a frond that grows from the crown and hangs over."""
    out = np.array([np.cos(turn + random.uniform(-0.2, 0.2)), np.sin(turn), 0.0])
    side = np.array([-out[1], out[0], 0.0])
    up = np.array([0.0, 0.0, 1.0])
    length, rise = random.uniform(1.7, 2.2), random.uniform(0.2, 0.9)
    place = np.linspace(0.0, 1.0, LEAFLETS)
    falling = rise - 2.0 * place**1.5
    heading = np.cos(falling)[:, None] * out + np.sin(falling)[:, None] * up
    rib = start + np.cumsum(heading, axis=0) * length / LEAFLETS
    strips = [_strip(rib[:-1], rib[1:], 0.02 * side)]
    for hand in (-1.0, 1.0):
        leaflet = 0.5 * heading + hand * 0.8 * side - random.uniform(0.2, 0.7, (LEAFLETS, 1)) * up
        reach = 0.55 * np.sin(np.pi * (0.12 + 0.85 * place))[:, None]
        strips.append(_strip(rib, rib + reach * leaflet, 0.022 * heading))
    return np.concatenate(strips)


def _strip(root: Array, tip: Array, half: Array) -> Array:
    """Return quads [L, 4, 3] from ``root`` to ``tip``, which is a third as wide."""
    return np.stack([root - half, root + half, tip + half / 3.0, tip - half / 3.0], axis=1)


LANDSCAPES["palm"] = palm

if __name__ == "__main__":
    main(sys.argv[1])
    sys.stdout.flush()
    os._exit(0)  # bpy may crash while the interpreter closes
