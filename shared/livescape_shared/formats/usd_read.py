"""Reads ``ParticleField3DGaussianSplat`` of OpenUSD, at any of the times that it is sampled at.

Attributes are read by their names, so that libraries older than the schema can read them as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError
from livescape_shared.formats.invalid import invalid_splats
from livescape_shared.formats.usd import TYPE, usd_missing
from livescape_shared.formats.usd_trial import Trial, survives
from livescape_shared.gaussians import Float32Array, Gaussians
from livescape_shared.limits import MAX_GAUSSIANS
from livescape_shared.linear_colors import displayed
from livescape_shared.rendering import SH_C0, SH_COEFFICIENTS
from livescape_shared.splats import ImportedSplats, Splats

KIND = "OpenUSD"

_RADIANCE = "radiance:sphericalHarmonics"
_LINEAR = "lin_rec709"
_SAMPLED = ("positions", "orientations", "scales", "opacities")


def usd_times(path: Path, survives: Trial = survives) -> list[float]:
    """Return at which times the splats of a stage are sampled, in ascending order.

    Args:
        path: The stage.
        survives: Says whether OpenUSD can open the file without ending the process.

    Raises:
        LivescapeError: ``usd_missing`` or ``splats_invalid``.
    """
    with _opened(path, survives) as stage:
        return sorted({time for prim in _prims(stage) for time in _times(prim)})


def read_usd(path: Path, at: float | None = None, survives: Trial = survives) -> ImportedSplats:
    """Read all splats of a stage, in metres.

    Args:
        path: The stage.
        at: The time; by default the first at which a splat is sampled.
        survives: Says whether OpenUSD can open the file without ending the process.

    Raises:
        LivescapeError: ``usd_missing``, or ``splats_invalid``, which says what was found.
    """
    with _opened(path, survives) as stage:
        from pxr import Usd, UsdGeom

        upright = "y_up" if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.y else "z_up"
        metre = float(UsdGeom.GetStageMetersPerUnit(stage))
        parts = [_splats(path, prim, metre, UsdGeom, Usd, at) for prim in _prims(stage)]
    if not parts:
        raise invalid_splats(path, KIND, f"it holds no Gaussians ({TYPE})")
    linear = all(is_linear for _, is_linear in parts)
    splats = Splats.concatenate(
        *(displayed(part) if is_linear else part for part, is_linear in parts)
    )
    return ImportedSplats.sound(splats, blends_linearly=linear, axes=upright)


@contextmanager
def _opened(path: Path, survives: Trial) -> Iterator[Any]:
    """Open a stage; what goes wrong in the block is the file's damage."""
    try:
        from pxr import Tf, Usd
    except ImportError as error:
        raise usd_missing("reads") from error
    if not survives(path):
        raise invalid_splats(path, KIND, "it is damaged")
    try:
        yield Usd.Stage.Open(str(path))
    except (Tf.ErrorException, AttributeError, TypeError, ValueError) as error:
        raise invalid_splats(path, KIND, "it is damaged") from error


def _prims(stage: Any) -> list[Any]:
    return [prim for prim in stage.Traverse() if prim.GetTypeName() == TYPE]


def _times(prim: Any) -> list[float]:
    return [time for name in _SAMPLED for time in _attribute(prim, name).GetTimeSamples()]


def _splats(
    path: Path, prim: Any, metre: float, geom: Any, usd: Any, at: float | None
) -> tuple[Splats, bool]:
    """Return the splats of a prim in metres, and whether their colours are said to be linear."""
    time = min(_times(prim), default=0.0) if at is None else at
    means = _array(path, prim, "positions", time, 3)
    count = len(means)
    scales = _array(path, prim, "scales", time, 3)
    quats = _orientations(path, prim, time)
    opacities = _array(path, prim, "opacities", time, 1)[:, 0]
    coefficients = _array(path, prim, f"{_RADIANCE}Coefficients", time, 3)
    each = len(coefficients) // count if count else 0
    lengths = {count, len(scales), len(quats), len(opacities)}
    if lengths != {count} or each * count != len(coefficients) or (count and not each):
        raise invalid_splats(path, KIND, "its arrays differ in length")
    stored = coefficients.reshape(count, each, 3)
    gaussians = Gaussians(means, quats, scales, opacities, 0.5 + SH_C0 * stored[:, 0])
    kept = max(known for known in SH_COEFFICIENTS if known < max(each, 1))
    splats = Splats(gaussians, stored[:, 1 : 1 + kept] if kept else None)
    cache = geom.XformCache(usd.TimeCode(time))
    matrix = np.array(cache.GetLocalToWorldTransform(prim), dtype=np.float64).T
    space = prim.GetAttribute("colorSpace:name").Get() or ""
    return splats.transformed(np.diag([metre, metre, metre, 1.0]) @ matrix), str(space).startswith(
        _LINEAR
    )


def _attribute(prim: Any, name: str) -> Any:
    """Return an attribute, or where it has no value, its twin in half precision."""
    attribute = prim.GetAttribute(name)
    return attribute if attribute.HasAuthoredValue() else prim.GetAttribute(f"{name}h")


def _array(path: Path, prim: Any, name: str, time: float, width: int) -> Float32Array:
    value = _attribute(prim, name).Get(time)
    if value is None:
        raise _lacking(path, name)
    _check_count(path, len(value))
    array: NDArray[Any] = np.array(value, dtype=np.float32)
    return np.asarray(array.reshape(-1, width), dtype=np.float32)


def _orientations(path: Path, prim: Any, time: float) -> Float32Array:
    """Return unit quaternions [N, 4]; numpy shows those of OpenUSD as x y z w."""
    value = _attribute(prim, "orientations").Get(time)
    if value is None:
        raise _lacking(path, "orientations")
    _check_count(path, len(value))
    xyzw: NDArray[Any] = np.array(value, dtype=np.float32).reshape(-1, 4)
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = xyzw / np.linalg.norm(xyzw, axis=1, keepdims=True)
    return np.asarray(np.roll(unit, 1, axis=1), dtype=np.float32)


def _lacking(path: Path, name: str) -> LivescapeError:
    return invalid_splats(path, KIND, f"it lacks {name}")


def _check_count(path: Path, count: int) -> None:
    if count > MAX_GAUSSIANS:
        raise invalid_splats(path, KIND, f"it holds {count} Gaussians")
