"""What became of splats that were not made here."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from livescape_shared.counted import counted
from livescape_shared.formats.sequence_scene import SequenceScene
from livescape_shared.recentring import NO_OFFSET, Offset

from ..splats.object import find_object

OFFSET = "livescape_offset"
"""Custom property: what was taken from the positions of the file, in its axes; add it to get back
to map coordinates."""


@dataclass(frozen=True)
class Import:
    """What became of a file.

    Attributes:
        item: The new object, turned so that the file's axes stand upright.
        name: Of the object.
        count: Gaussians that it shows.
        degree: Degree of their spherical harmonics.
        dropped: Rows of the file that were left out because their values are impossible.
        offset: What was taken from its positions, in its axes.
        frames: Frames in which they move.
        plain: Gaussians that move, and lost what the view does to their colour.
        missing: Frames of which there was no file.
    """

    item: bpy.types.Object
    name: str
    count: int
    degree: int
    dropped: int
    offset: Offset = NO_OFFSET
    frames: int = 1
    plain: int = 0
    missing: int = 0

    def __str__(self) -> str:
        """Return one line for the artist."""
        name, count = self.name, self.count
        text = counted(count, f"{name}: {count} Gaussian", f"{name}: {count} Gaussians")
        if self.frames > 1:
            text += f" in {self.frames} frames"
        if self.missing:
            text += counted(
                self.missing,
                f", of which {self.missing} is missing and made of its neighbours",
                f", of which {self.missing} are missing and made of their neighbours",
            )
        if self.degree:
            text += f", view-dependent colour of degree {self.degree}"
        if self.dropped:
            text += f"; {self.dropped} with impossible values were left out"
        if self.plain:
            text += f"; {self.plain} that move have one colour from all sides"
        if self.offset != NO_OFFSET:
            place = ", ".join(f"{value:.0f}" for value in self.offset)
            text += f"; moved by -({place}), which {OFFSET} keeps, for single precision"
        return text


def said(item: bpy.types.Object, content: SequenceScene, frames: int) -> Import:
    """Return what became of ``content``, which ``item`` shows."""
    first = content.first
    return Import(
        item,
        item.name,
        count=content.meta.static + content.meta.moving,
        degree=content.still.degree,
        dropped=first.dropped,
        offset=first.offset,
        frames=frames if content.meta.moving else 1,
        plain=content.plain,
        missing=content.missing,
    )


def free_name(scene: bpy.types.Scene, wanted: str) -> str:
    """Return a name that no object of ``scene`` was made under, close to ``wanted``."""
    base = bpy.path.clean_name(wanted) or "Splats"
    name, number = base, 1
    while find_object(scene, name):
        number += 1
        name = f"{base}_{number}"
    return name
