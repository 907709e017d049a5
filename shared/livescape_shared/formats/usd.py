"""OpenUSD: one ``ParticleField3DGaussianSplat`` with a time sample per frame.

The schema is part of OpenUSD from 26.03 on. The attributes are written by their names and types,
so that older libraries, such as those in Blender, can write the file as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from livescape_shared.errors import LivescapeError
from livescape_shared.gaussians import Float32Array, Gaussians
from livescape_shared.rendering import SH_C0, SH_COEFFICIENTS
from livescape_shared.splats import Splats

ROOT = "/Livescape"
PRIM = f"{ROOT}/Splats"
TYPE = "ParticleField3DGaussianSplat"

_RADIANCE = "radiance:sphericalHarmonics"
_EXTENT_SIGMAS = 3.0

_FRAMES_IN_MEMORY = 16
"""Samples are held in memory until the layer is saved, which appends to a binary file."""


def usd_missing(does: str) -> LivescapeError:
    """Return the error of a missing library, which ``does`` the file."""
    return LivescapeError(
        "usd_missing",
        f"The OpenUSD library, which {does} these files, is not installed.",
        hint="pip install 'livescape[usd]', or use PLY.",
    )


def write_usd(path: Path, frames: Iterable[tuple[int, Splats]], fps: float) -> None:
    """Write frames as they arrive; Z up, metres, all frames in one file.

    Values that do not change from one frame to the next take no space.

    Args:
        path: ``.usdc``, ``.usd`` or ``.usda``.
        frames: Frame numbers in ascending order and what they show, in Blender's axes. The first
            decides how far colours depend on the view.
        fps: Frames per second.

    Raises:
        LivescapeError: ``usd_missing``.
        OSError: If the file cannot be written.
    """
    try:
        from pxr import Sdf, Tf, Usd, UsdGeom, Vt
    except ImportError as error:
        raise usd_missing("writes") from error
    try:
        stage = Usd.Stage.CreateNew(str(path))
        UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
        UsdGeom.SetStageMetersPerUnit(stage, 1.0)
        stage.SetFramesPerSecond(fps)
        stage.SetTimeCodesPerSecond(fps)
        stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, ROOT).GetPrim())
        prim = stage.DefinePrim(PRIM, TYPE)
        radiance = None
        for count, (number, splats) in enumerate(frames):
            if radiance is None:
                stage.SetStartTimeCode(number)
                radiance = _Radiance(prim, number, splats, Sdf, Vt)
            radiance.write(number, splats)
            _write_sample(prim, number, splats.gaussians, Sdf, Vt)
            stage.SetEndTimeCode(number)
            if count % _FRAMES_IN_MEMORY == _FRAMES_IN_MEMORY - 1:
                stage.GetRootLayer().Save()
        stage.GetRootLayer().Save()
    except Tf.ErrorException as error:
        raise OSError(None, "OpenUSD could not write it") from error


class _Radiance:
    """Writes colours: once, or from where they first change on with every frame."""

    def __init__(self, prim: Any, number: int, splats: Splats, sdf: Any, vt: Any) -> None:
        types = sdf.ValueTypeNames
        self._degree, self._vt = splats.degree, vt
        self._attribute = prim.CreateAttribute(f"{_RADIANCE}Coefficients", types.Float3Array, False)
        self._first = self._coefficients(splats)
        self._start = self._last = number
        self._changes = False
        self._set(self._first)
        prim.CreateAttribute(f"{_RADIANCE}Degree", types.Int, False, sdf.VariabilityUniform).Set(
            splats.degree
        )

    def write(self, number: int, splats: Splats) -> None:
        """Write the colours of a frame if need be."""
        found = self._coefficients(splats)
        if not self._changes and not np.array_equal(found, self._first):
            self._changes = True
            for before in (self._start, self._last):  # between both, nothing is interpolated
                self._set(self._first, before)
        if self._changes:
            self._set(found, number)
        self._last = number

    def _set(self, coefficients: Float32Array, *number: int) -> None:
        self._attribute.Set(self._vt.Vec3fArray.FromNumpy(coefficients), *number)

    def _coefficients(self, splats: Splats) -> Float32Array:
        """Return those of degree 0 and beyond, all of one Gaussian after another."""
        found = np.zeros((len(splats), 1 + SH_COEFFICIENTS[self._degree], 3), np.float32)
        found[:, 0] = (splats.gaussians.colors - 0.5) / SH_C0
        if splats.harmonics is not None:
            kept = splats.harmonics[:, : found.shape[1] - 1]
            found[:, 1 : 1 + kept.shape[1]] = kept
        return found.reshape(-1, 3)


def _write_sample(prim: Any, number: int, gaussians: Gaussians, sdf: Any, vt: Any) -> None:
    types = sdf.ValueTypeNames
    reach = _EXTENT_SIGMAS * gaussians.scales.max(axis=1, initial=0.0)[:, None]
    corners = np.concatenate([gaussians.means - reach, gaussians.means + reach])
    extent = np.stack([corners.min(axis=0), corners.max(axis=0)]) if len(corners) else corners
    imaginary_first = np.roll(gaussians.quats, -1, axis=1)
    samples = {
        "positions": (types.Point3fArray, vt.Vec3fArray.FromNumpy(gaussians.means)),
        "orientations": (types.QuatfArray, vt.QuatfArray.FromNumpy(imaginary_first)),
        "scales": (types.Float3Array, vt.Vec3fArray.FromNumpy(gaussians.scales)),
        "opacities": (types.FloatArray, vt.FloatArray.FromNumpy(gaussians.opacities)),
        "extent": (types.Float3Array, vt.Vec3fArray.FromNumpy(extent)),
    }
    for name, (kind, value) in samples.items():
        attribute = prim.CreateAttribute(name, kind, False)
        if not attribute.HasAuthoredValue():
            attribute.Set(value)  # for readers that know no time
        attribute.Set(value, number)
