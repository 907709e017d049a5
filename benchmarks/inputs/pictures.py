"""How photos, masks and depth maps of other programs come in: read and right, or truly refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from benchmarks.inputs.judge import lab
from numpy.typing import NDArray

from livescape.depth.file import read_depth_map
from livescape.imaging.decode import decode_photo
from livescape.imaging.sampling import working_size
from livescape.imaging.usable import check_shape, check_shows_scene
from livescape.motion.region_files import read_regions
from livescape_shared.errors import LivescapeError

NEAR = 0.1
"""Pixels by which a photo may have moved."""

WORKING = 640
"""Long side at which a photo is worked on, unless more is asked for."""

TRUE = re.compile(r"(DPX|Cineon) is not a kind of image that can be read")
"""What may be said of a photo that another program could read."""


@dataclass(frozen=True)
class Wanted:
    """What a file should come in as.

    Attributes:
        values: What was given to the writer; None if the file must be refused.
        limit: Mean delta E of a photo, intersection over union of a mask, relative error of depth.
        said: Expression that the refusal must match.
    """

    values: NDArray[Any] | None
    limit: float
    said: str = ""


@dataclass(frozen=True)
class Case:
    """A file of another program's.

    Attributes:
        kind: ``photo``, ``mask``, ``depth`` or ``refused``.
        writer: Program, and what it was asked for.
        data: Writes the file.
        wanted: What it should come in as.
    """

    kind: str
    writer: str
    data: Callable[[], bytes]
    wanted: Wanted

    def run(self) -> dict[str, Any]:
        """Return what became of it."""
        row: dict[str, Any] = {"kind": self.kind, "writer": self.writer, "outcome": "read"}
        row |= {"right": False, "figure": None, "moved": None, "size": ""}
        try:
            data = self.data()
        except Exception as error:  # the other program cannot
            return row | {"outcome": "not written", "right": True, "said": str(error)[:100]}
        try:
            return row | self._judged(data)
        except LivescapeError as error:
            said = str(error)
            true = re.search(self.wanted.said, said) if self.wanted.said else TRUE.search(said)
            return row | {"outcome": "refused", "right": bool(true), "said": error.message}
        except Exception as error:  # ours, and a fault
            return row | {"outcome": "failed", "said": f"{type(error).__name__}: {error}"[:200]}

    def _judged(self, data: bytes) -> dict[str, Any]:
        if self.kind in ("photo", "refused"):
            return self._photo(data)
        values = self.wanted.values
        assert values is not None
        if self.kind == "mask":
            mask = read_regions(data, "bright", values.shape[1::-1]).mask
            assert mask is not None
            same = mask.shape == values.shape
            both = (mask > 0.5) & values if same else np.zeros(1)
            either = (mask > 0.5) | values if same else np.ones(1)
            figure = float(both.sum() / either.sum())
            return _said(mask, figure, same and figure >= self.wanted.limit)
        depth = read_depth_map(data, "auto")
        same = depth.shape == values.shape
        figure = float(np.abs(depth / values - 1.0).max()) if same else np.inf
        return _said(depth, figure, same and figure <= self.wanted.limit)

    def _photo(self, data: bytes) -> dict[str, Any]:
        image = decode_photo(data).image
        check_shows_scene(data, image)
        check_shape(image.shape[1::-1], working_size(image.shape[1], image.shape[0], WORKING))
        values = self.wanted.values
        if values is None:
            return _said(image, 0.0, right=False)
        if image.shape != values.shape:
            return _said(image, np.inf, right=False)
        wanted = values.astype(np.float32) / np.float32(255)
        colour = np.linalg.norm(
            lab(image.reshape(-1, 3)) - lab(wanted.reshape(-1, 3)), axis=1
        ).mean()
        grey, wanted_grey = (np.ascontiguousarray(each.mean(axis=2)) for each in (image, wanted))
        window = cv2.createHanningWindow(wanted.shape[1::-1], cv2.CV_32F)
        (x, y), _ = cv2.phaseCorrelate(grey, wanted_grey, window)
        moved = float(np.hypot(x, y))
        right = bool(colour <= self.wanted.limit and moved <= NEAR)
        return _said(image, float(colour), right) | {"moved": float(f"{moved:.2g}")}


def _said(values: NDArray[Any], figure: float, right: bool) -> dict[str, Any]:
    size = f"{values.shape[1]} x {values.shape[0]}"
    return {"figure": float(f"{figure:.3g}"), "size": size, "right": bool(right)}
