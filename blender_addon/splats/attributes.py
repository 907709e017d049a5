"""Attributes of meshes, written and read as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..slices import breathe


def add_attribute(
    mesh: Any, name: str, kind: str, domain: str, key: str, values: NDArray[np.generic]
) -> None:
    """Add an attribute to a mesh.

    Args:
        mesh: The mesh.
        name: Of the attribute.
        kind: Blender's data type, such as ``FLOAT_VECTOR``.
        domain: ``POINT`` or ``FACE``.
        key: What ``foreach_set`` calls the values of this type.
        values: One row an element.
    """
    breathe()
    attribute = mesh.attributes.new(name, kind, domain)
    attribute.data.foreach_set(key, np.ascontiguousarray(values).ravel())


def read_attribute(mesh: Any, name: str, key: str, width: int) -> NDArray[np.float32]:
    """Return the values [N, width] of a float attribute of a mesh."""
    attribute = mesh.attributes[name]
    flat = np.empty(width * len(attribute.data), dtype=np.float32)
    attribute.data.foreach_get(key, flat)
    return flat.reshape(-1, width)
