"""Splat files by format, writer and degree: theirs read by us, ours read by them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.inputs import programs
from benchmarks.inputs.judge import Figures, compared
from tests.shared.splat_samples import exchanged

from livescape_shared.formats.export import DEFAULT_AXES, export_frames
from livescape_shared.formats.load import load_splats, to_blender
from livescape_shared.gaussians import Gaussians
from livescape_shared.rendering import SH_C0, SH_COEFFICIENTS
from livescape_shared.splats import Splats

os.environ.setdefault("NUMBA_DISABLE_JIT", "1")  # gsply is quicker read than compiled

COUNT = 600
DEGREES = (0, 1, 2, 3)
ABOUT_FACE = np.diag([-1.0, -1.0, 1.0, 1.0])
"""PlayCanvas writes glTF turned by half a turn about the vertical."""

LIMITS = {
    "ply": (1e-5, 0.01, 0.001, 1e-4, 0.1, 1e-5),
    "compressed": (0.005, 1.5, 0.003, 0.02, 0.6, 0.03),
    "spz": (5e-4, 2.5, 0.003, 0.04, 0.6, 0.15),
    "sog": (1e-3, 2.5, 0.005, 0.1, 1.5, 0.1),
    "gltf": (1e-5, 0.01, 0.001, 1e-4, 0.1, 1e-5),
    "usd": (1e-5, 0.01, 0.001, 1e-4, 0.1, 1e-5),
    "ksplat": (5e-4, 1.5, 0.005, 0.01, 0.5, 0.015),
    "splat": (1e-5, 1.5, 0.005, 1e-4, 1.5, 0.0),
}
"""What a format costs by its own quantisation: position, delta E, opacity, size, rotation in
degrees, harmonics. More than that is a fault of writer or reader."""

NAMES = ("position", "delta_e", "opacity", "size", "rotation", "harmonics")

_CODES = 0.032
"""fourdgs holds harmonics in 8 bits from -4 to 4."""

Work = Callable[[Path], Splats]


@dataclass(frozen=True)
class Case:
    """A file that one side writes and the other one reads.

    Attributes:
        kind: A key of ``LIMITS``.
        writer: Program, and what it was asked for.
        reader: Program that reads it.
        degree: Of the harmonics that the file keeps.
        work: Writes into a folder, reads, and returns splats in Blender's axes.
        harmonics: What the other program's own memory costs, where that is more than the file.
    """

    kind: str
    writer: str
    reader: str
    degree: int
    work: Work
    harmonics: float = 0.0

    def run(self, folder: Path) -> dict[str, Any]:
        """Return what became of it."""
        row: dict[str, Any] = {"kind": self.kind, "writer": self.writer, "reader": self.reader}
        row["degree"] = self.degree
        try:
            figures = compared(self.work(folder), sample(self.degree), palette=self.kind == "sog")
        except Exception as error:  # whatever either program does wrong is a row
            row |= {"right": False, **dict.fromkeys(Figures.__dataclass_fields__)}
            return {**row, "error": f"{type(error).__name__}: {error}"[:300]}
        return {**row, "right": self._is_right(figures), **figures.as_dict()}

    def _is_right(self, figures: Figures) -> bool:
        *limits, rest = LIMITS[self.kind]
        limits.append(max(rest, self.harmonics))
        within = [
            getattr(figures, name) <= limit for name, limit in zip(NAMES, limits, strict=True)
        ]
        return figures.count == COUNT and not figures.lost and all(within)


def sample(degree: int) -> Splats:
    """Return what is written, in Blender's axes; every Gaussian can be seen."""
    whole = exchanged(COUNT)
    plain = whole.gaussians
    shown = plain.opacities.clip(0.02, 0.98)
    gaussians = Gaussians(plain.means, plain.quats, plain.scales, shown, plain.colors)
    kept = SH_COEFFICIENTS[degree]
    rest = None if not degree or whole.harmonics is None else whole.harmonics[:, :kept]
    return Splats(gaussians, rest)


def ours(path: Path, degree: int, axes: str = DEFAULT_AXES) -> Path:
    """Write the sample in the format that the name asks for."""
    return export_frames(path, [(1, sample(degree))], 24.0, axes)[0]


def read(path: Path) -> Splats:
    """Read a file, whoever wrote it, into Blender's axes."""
    found = load_splats(path)
    return found.splats.transformed(np.array(to_blender(found)))


def cases() -> Iterator[Case]:
    """Yield every case."""
    for degree in DEGREES:
        yield from _from_splat_transform(degree)
        yield from _from_gsply(degree)
        yield from _from_fourdgs(degree)
        yield from _to_splat_transform(degree)
        yield from _to_gsply(degree)
        yield from _to_fourdgs(degree)
        yield _to_usd(degree)
    for degree in DEGREES[:3]:
        for level in range(3):
            yield _from_ksplat(level, degree)


def _from_splat_transform(degree: int) -> Iterator[Case]:
    files = {
        "a.ply": ("ply", ()), "a.compressed.ply": ("compressed", ()), "a.spz": ("spz", ()),
        "a3.spz": ("spz", ("--spz-version", "3")), "a.sog": ("sog", ()), "a.glb": ("gltf", ()),
        "u/meta.json": ("sog", ()),
    }  # fmt: skip
    for name, (kind, options) in files.items():

        def work(folder: Path, name: str = name, options: tuple[str, ...] = options) -> Splats:
            target = folder / "out" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            programs.splat_transform(ours(folder / "source.ply", degree), target, *options)
            found = read(target)
            return found.transformed(ABOUT_FACE) if name.endswith(".glb") else found

        asked = " ".join([name, *options])
        yield Case(kind, f"splat-transform {asked}", "livescape", degree, work)


def _to_splat_transform(degree: int) -> Iterator[Case]:
    for name, kind in (("a.ply", "ply"), ("a.compressed.ply", "compressed"), ("a.spz", "spz")):

        def work(folder: Path, name: str = name) -> Splats:
            programs.splat_transform(ours(folder / name, degree), folder / "back.ply")
            return read(folder / "back.ply")

        yield Case(kind, f"livescape {name}", "splat-transform", degree, work)


def _from_ksplat(level: int, degree: int) -> Case:
    def work(folder: Path) -> Splats:
        target = folder / "a.ksplat"
        programs.ksplat(ours(folder / "source.ply", degree), target, level, degree)
        return read(target)

    return Case("ksplat", f"gaussian-splats-3d level {level}", "livescape", degree, work)


def _from_gsply(degree: int) -> Iterator[Case]:
    def write(folder: Path, name: str) -> Path:
        import gsply

        # gsply turns nothing, and SPZ has axes of its own
        axes = "y_up" if name.endswith(".spz") else DEFAULT_AXES
        data = gsply.plyread(ours(folder / "source.ply", degree, axes))
        target = folder / "out" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".spz"):
            gsply.write_spz(target, data, version=4 if "4" in name else 3)
        else:
            gsply.plywrite(target, data, compressed="compressed" in name)
        return target

    for name, kind in (("a.ply", "ply"), ("a.compressed.ply", "compressed"), ("a3.spz", "spz"),
                       ("a4.spz", "spz")):  # fmt: skip

        def work(folder: Path, name: str = name) -> Splats:
            return read(write(folder, name))

        yield Case(kind, f"gsply {name}", "livescape", degree, work)


def _to_gsply(degree: int) -> Iterator[Case]:
    for name, kind in (("a.ply", "ply"), ("a.compressed.ply", "compressed"), ("a.spz", "spz")):

        def work(folder: Path, name: str = name) -> Splats:
            import gsply

            path = ours(folder / name, degree)
            data = gsply.read_spz(path) if name.endswith(".spz") else gsply.plyread(path)
            rest = np.asarray(data.shN).reshape(len(data.means), -1, 3) if degree else None
            gaussians = Gaussians(
                data.means, data.quats, np.exp(data.scales),
                1.0 / (1.0 + np.exp(-np.asarray(data.opacities).reshape(-1))),
                (0.5 + SH_C0 * np.asarray(data.sh0).reshape(-1, 3)).astype(np.float32),
            )  # fmt: skip
            return _from_axes(Splats(gaussians, rest), "y_up" if "spz" in name else "y_down")

        yield Case(kind, f"livescape {name}", "gsply", degree, work)


def _from_fourdgs(degree: int) -> Iterator[Case]:
    for name, kind in (("b.glb", "gltf"), ("b.gltf", "gltf"), ("b.usda", "usd"), ("b.usdc", "usd")):

        def work(folder: Path, name: str = name) -> Splats:
            import fourdgs

            scene = fourdgs.from_gltf(str(ours(folder / "source.glb", degree)))
            write = fourdgs.to_usd if "usd" in name else fourdgs.to_gltf
            write(
                str(folder / name), scene.gaussians, 0.0, cutoff=0.0,
                coordinate_system=scene.metadata["coordinate_system"],
                color_space=scene.metadata["color_space"],
            )  # fmt: skip
            return read(folder / name)

        yield Case(kind, f"fourdgs {name}", "livescape", degree, work, _CODES)


def _to_fourdgs(degree: int) -> Iterator[Case]:
    for name, kind in (("a.glb", "gltf"), ("a.usda", "usd"), ("a.compressed.ply", "compressed")):

        def work(folder: Path, name: str = name, kind: str = kind) -> Splats:
            import fourdgs

            path = str(ours(folder / name, degree))
            if kind == "compressed":
                found = fourdgs.from_compressed_ply([path])[0]
                return _from_axes(_of_fourdgs(found, found.rotations), "y_down")
            scene = fourdgs.from_usd(path) if kind == "usd" else fourdgs.from_gltf(path)
            axes = "z_up" if kind == "usd" else "y_up"
            quats = np.roll(scene.gaussians.rotations, 1, axis=1)
            return _from_axes(_of_fourdgs(scene.gaussians, quats), axes)

        yield Case(kind, f"livescape {name}", "fourdgs", degree, work, _CODES)


def _of_fourdgs(found: Any, quats: Any) -> Splats:
    """Return a set of fourdgs, whose harmonics are codes, one channel after another."""
    from fourdgs.quantization import SH_QUANT_HI, SH_QUANT_LO

    gaussians = Gaussians(
        found.positions, quats, found.scales,
        found.colors[:, 3], found.colors[:, :3],
    )  # fmt: skip
    if found.sh is None or not found.sh_degree:
        return Splats(gaussians)
    codes = np.asarray(found.sh, dtype=np.float32).reshape(len(gaussians), 3, -1)
    rest = codes.transpose(0, 2, 1) / 255.0 * (SH_QUANT_HI - SH_QUANT_LO) + SH_QUANT_LO
    return Splats(gaussians, rest.astype(np.float32))


def _to_usd(degree: int) -> Case:
    def work(folder: Path) -> Splats:
        from pxr import Usd, UsdVol

        stage = Usd.Stage.Open(str(ours(folder / "a.usdc", degree)))
        splat = UsdVol.ParticleField3DGaussianSplat(stage.GetPrimAtPath("/Livescape/Splats"))
        stored = np.array(splat.GetRadianceSphericalHarmonicsCoefficientsAttr().Get())
        stored = stored.reshape(COUNT, -1, 3)
        turns = splat.GetOrientationsAttr().Get(1)
        quats = np.array([[t.GetReal(), *t.GetImaginary()] for t in turns], dtype=np.float32)
        gaussians = Gaussians(
            np.array(splat.GetPositionsAttr().Get(1)), quats,
            np.array(splat.GetScalesAttr().Get(1)), np.array(splat.GetOpacitiesAttr().Get(1)),
            (0.5 + SH_C0 * stored[:, 0]).astype(np.float32),
        )  # fmt: skip
        return Splats(gaussians, stored[:, 1:] if degree else None)

    return Case("usd", "livescape a.usdc", "usd-core", degree, work)


def _from_axes(splats: Splats, axes: str) -> Splats:
    from livescape_shared.splats import AXES

    matrix = np.eye(4)
    matrix[:3, :3] = AXES[axes]
    return splats.transformed(matrix)
