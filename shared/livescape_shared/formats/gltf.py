"""glTF with ``KHR_gaussian_splatting``: Gaussians as a primitive of points.

Linear scales, opacity 0..1, rotation x y z w, one attribute per coefficient; axes are x right, y
up, z out of the picture. Gaussians packed as SPZ (``KHR_gaussian_splatting_compression_spz``) are
read too. Drafts of the extension stored the logarithms of scales; a scale below zero tells them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError
from livescape_shared.formats.gltf_container import Gltf, write_glb
from livescape_shared.formats.spz import decode_spz
from livescape_shared.gaussians import Float32Array, Gaussians, rotation_matrices
from livescape_shared.linear_colors import displayed
from livescape_shared.rendering import SH_C0, SH_COEFFICIENTS
from livescape_shared.splats import ImportedSplats, Splats

AXES = "y_up"
EXTENSION = "KHR_gaussian_splatting"

_PACKED = ("KHR_gaussian_splatting_compression_spz", "KHR_gaussian_splatting_compression_spz_2")
_LINEAR = "lin_rec709_display"
_DISPLAY = "srgb_rec709_display"
_MOST_NODES = 100_000

Matrix = NDArray[np.float64]


def read_gltf(path: Path) -> ImportedSplats:
    """Read all Gaussians of the scene in a ``.glb`` or ``.gltf``.

    Raises:
        LivescapeError: ``splats_invalid``; the sentence says what was found.
        OSError: From the file system.
    """
    file = Gltf(path)
    try:
        found = [
            (_primitive(file, primitive).transformed(matrix), _color_space(primitive))
            for primitive, matrix in _primitives(file)
        ]
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise file.invalid("its document is damaged") from error
    if not found:
        raise file.invalid(f"it holds no Gaussians ({EXTENSION}), only meshes or points")
    spaces = {space for _, space in found}
    parts = [displayed(part) if space == _LINEAR else part for part, space in found]
    return ImportedSplats.sound(
        Splats.concatenate(*parts), blends_linearly=spaces == {_LINEAR}, axes=AXES
    )


def _color_space(primitive: dict[str, Any]) -> str:
    return str(primitive["extensions"][EXTENSION].get("colorSpace", _DISPLAY))


def _primitives(file: Gltf) -> Iterator[tuple[dict[str, Any], Matrix]]:
    """Yield the primitives of Gaussians that the scene shows, with their places [4, 4]."""
    document = file.document
    scenes, nodes = document.get("scenes"), document.get("nodes", [])
    roots = range(len(nodes))
    if scenes:
        roots = file.item("scenes", document.get("scene", 0)).get("nodes", [])
    waiting = [(root, np.eye(4)) for root in roots]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        index, parent = waiting.pop()
        node = file.item("nodes", index)
        matrix = parent @ _local(node)
        waiting += [(child, matrix) for child in node.get("children", [])] if scenes else []
        if "mesh" in node:
            for primitive in file.item("meshes", node["mesh"])["primitives"]:
                if EXTENSION in primitive.get("extensions", {}):
                    yield primitive, matrix
    raise file.invalid("its nodes go in circles")


def _local(node: dict[str, Any]) -> Matrix:
    if "matrix" in node:
        return np.asarray(node["matrix"], dtype=np.float64).reshape(4, 4).T
    matrix = np.eye(4)
    x, y, z, w = node.get("rotation", (0.0, 0.0, 0.0, 1.0))
    turn = rotation_matrices(np.array([[w, x, y, z]], dtype=np.float32))[0]
    matrix[:3, :3] = turn * np.asarray(node.get("scale", (1.0, 1.0, 1.0)), dtype=np.float64)
    matrix[:3, 3] = node.get("translation", (0.0, 0.0, 0.0))
    return matrix


def _primitive(file: Gltf, primitive: dict[str, Any]) -> Splats:
    extension = primitive["extensions"][EXTENSION]
    for name, packed in extension.get("extensions", {}).items():
        if name not in _PACKED:
            raise file.invalid(f"its Gaussians are packed by {name}")
        return decode_spz(file.path, file.view(packed["bufferView"]))
    attributes = primitive["attributes"]

    def values(name: str, width: int) -> Float32Array:
        key = name if name == "POSITION" else f"{EXTENSION}:{name}"
        if key not in attributes:
            raise file.invalid(f"it lacks {key}")
        array = file.array(attributes[key])
        if array.shape[1] != width:
            raise file.invalid(f"{key} has {array.shape[1]} values for each Gaussian")
        return array

    xyzw, scales = values("ROTATION", 4), values("SCALE", 3)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        gaussians = Gaussians(
            means=values("POSITION", 3),
            quats=np.roll(xyzw / np.linalg.norm(xyzw, axis=1, keepdims=True), 1, axis=1),
            scales=np.exp(scales) if (scales < 0.0).any() else scales,
            opacities=values("OPACITY", 1)[:, 0],
            colors=0.5 + SH_C0 * values("SH_DEGREE_0_COEF_0", 3),
        )
    degree = 0
    while degree < 3 and f"{EXTENSION}:SH_DEGREE_{degree + 1}_COEF_0" in attributes:
        degree += 1
    if not degree:
        return Splats(gaussians)
    names = _coefficients(degree)
    return Splats(gaussians, np.stack([values(name, 3) for name in names], axis=1))


def _coefficients(degree: int) -> list[str]:
    return [
        f"SH_DEGREE_{band}_COEF_{number}"
        for band in range(1, degree + 1)
        for number in range(2 * band + 1)
    ]


def write_gltf(path: Path, splats: Splats) -> None:
    """Write splats, which must stand in ``AXES``, as a ``.glb``.

    Raises:
        LivescapeError: ``splats_missing`` if there are none: glTF has no empty arrays.
        OSError: From the file system.
    """
    if not len(splats):
        raise LivescapeError(
            "splats_missing",
            "There is no Gaussian to write, and glTF cannot hold an empty scene.",
            hint="Choose a frame that shows something, or export PLY.",
        )
    gaussians = splats.gaussians
    shown = np.concatenate([gaussians.colors, gaussians.opacities[:, None]], axis=1)
    arrays: list[tuple[str, NDArray[Any]]] = [
        ("POSITION", gaussians.means),
        ("COLOR_0", np.rint(np.clip(shown, 0.0, 1.0) * 255.0).astype(np.uint8)),
        (f"{EXTENSION}:ROTATION", np.roll(gaussians.quats, -1, axis=1)),
        (f"{EXTENSION}:SCALE", gaussians.scales),
        (f"{EXTENSION}:OPACITY", np.clip(gaussians.opacities, 0.0, 1.0)[:, None]),
        (f"{EXTENSION}:SH_DEGREE_0_COEF_0", (gaussians.colors - np.float32(0.5)) / SH_C0),
    ]
    if splats.harmonics is not None:
        kept = splats.harmonics.transpose(1, 0, 2)
        names = _coefficients(SH_COEFFICIENTS.index(len(kept)))
        arrays += [(f"{EXTENSION}:{name}", one) for name, one in zip(names, kept, strict=True)]
    floats = [
        (name, array.astype("<f4") if array.dtype.kind == "f" else array) for name, array in arrays
    ]
    extension = {
        "kernel": "ellipse",
        "colorSpace": _DISPLAY,
        "sortingMethod": "cameraDistance",
        "projection": "perspective",
    }
    document = {
        "asset": {"version": "2.0", "generator": "Livescape"},
        "extensionsUsed": [EXTENSION],
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"mode": 0, "extensions": {EXTENSION: extension}}]}],
    }
    write_glb(path, document, floats)
