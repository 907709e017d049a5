"""Reads ``.4dgs`` scenes, by the library ``fourdgs``.

A ``.4dgs`` file holds Gaussians with a velocity and the seconds between which they exist.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from livescape_shared.errors import LivescapeError
from livescape_shared.formats.invalid import invalid_splats
from livescape_shared.gaussians import Float32Array, Gaussians
from livescape_shared.limits import MAX_GAUSSIANS
from livescape_shared.rendering import SH_COEFFICIENTS
from livescape_shared.splats import ImportedSplats, Splats

KIND: Final = ".4dgs"
COORDINATES: Final = "coordinate_system"
_AXES: Final = {"z-up-right-handed": "z_up", "y-up-right-handed": "y_up"}

SH_LOW, SH_HIGH = -4.0, 4.0
"""Range of a coefficient, which is a byte, as the format says."""


def read_four_dgs(path: Path) -> tuple[Any, float, str | None]:
    """Return the library's set of Gaussians, the scene's seconds and the axes it states.

    Raises:
        LivescapeError: ``fourdgs_missing`` or ``splats_invalid``.
    """
    fourdgs = library()
    try:
        scene = fourdgs.read(str(path))
    except fourdgs.FourdgsError as error:
        raise invalid_splats(path, KIND, f"it is damaged: {error}") from error
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError) as error:
        raise invalid_splats(path, KIND, "it is damaged") from error
    seconds = float(scene.duration_sec)
    if not 0.0 <= seconds < np.inf:
        raise invalid_splats(path, KIND, f"it lasts {seconds} seconds")
    if scene.gaussians.count > MAX_GAUSSIANS:
        raise invalid_splats(path, KIND, f"it holds {scene.gaussians.count} Gaussians")
    stated = scene.header.attributes.get(COORDINATES, "")
    return scene, seconds, _AXES.get(str(stated))


def splats_at(scene: Any, seconds: float, axes: str | None) -> ImportedSplats:
    """Return all rows of a scene at a time; those that are not there have no opacity."""
    rows, state = scene.gaussians, scene.state_at(seconds)
    shown = state["indices"]
    means = rows.positions.astype(np.float32)
    opacities = np.zeros(rows.count, np.float32)
    quats = rows.rotations.astype(np.float32)
    means[shown], opacities[shown] = state["centers"], state["opacity"]
    quats[shown] = state["orientations"]
    gaussians = Gaussians(
        means, np.roll(quats, 1, axis=1), rows.scales.astype(np.float32), opacities,
        rows.colors[:, :3].astype(np.float32),
    )  # fmt: skip
    return ImportedSplats.sound(Splats(gaussians, _harmonics(rows)), axes=axes)


def _harmonics(rows: Any) -> Float32Array | None:
    """Return the coefficients [N, K, 3] beyond degree 0: a byte each, one channel after another."""
    degree = min(int(rows.sh_degree), len(SH_COEFFICIENTS) - 1)
    if rows.sh is None or degree < 1:
        return None
    count = SH_COEFFICIENTS[degree]
    bytes_ = np.asarray(rows.sh).reshape(rows.count, 3, -1)[..., :count]
    values = SH_LOW + bytes_.astype(np.float32) * ((SH_HIGH - SH_LOW) / 255.0)
    return np.ascontiguousarray(np.swapaxes(values, 1, 2), dtype=np.float32)


def library() -> Any:
    """Return the module ``fourdgs``.

    Raises:
        LivescapeError: ``fourdgs_missing``.
    """
    try:
        import fourdgs
    except ImportError as error:
        raise LivescapeError(
            "fourdgs_missing",
            "The library fourdgs, which reads and writes .4dgs files, is not installed.",
            hint="pip install 'livescape[fourdgs]'; for Blender, livescape convert x.4dgs x.usdc",
        ) from error
    return fourdgs
