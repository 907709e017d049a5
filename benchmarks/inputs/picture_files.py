"""Photos, masks and depth maps, and files that are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from benchmarks.inputs.mask_files import depths, masks
from benchmarks.inputs.photo_files import photos
from benchmarks.inputs.pictures import Case, Wanted
from benchmarks.inputs.shown import sample
from benchmarks.inputs.writers import by_ffmpeg, by_pillow, by_tifffile, streamed
from PIL import Image


def cases() -> Iterator[Case]:
    """Yield every case."""
    yield from photos()
    yield from masks()
    yield from depths()
    yield from _refused()


def _refused() -> Iterator[Case]:
    """Files that are no photo, or none that shows a scene: the sentence must name why."""
    truncated = by_pillow("JPEG", quality=95)
    files: dict[str, tuple[Callable[[], bytes], str]] = {
        "half a JPEG": (lambda: truncated[: len(truncated) // 2], "missing|cut off|damaged"),
        "pillow PDF": (lambda: by_pillow("PDF"), "PDF"),
        "pillow ICO": (lambda: by_pillow("ICO"), "Windows icon is not a kind"),
        "ffmpeg MP4": (lambda: by_ffmpeg("libx264", "matroska", "yuv420p"), "Matroska"),
        "tifffile 9000 wide": (lambda: by_tifffile(np.zeros((70, 9000), np.uint8)), "9000 x 70"),
        "numpy .npy": (lambda: streamed(lambda s: np.save(s, sample())), "NumPy"),
        "one colour": (lambda: by_pillow("PNG", Image.new("RGB", (96, 72), "red")), "one colour"),
        "transparent": (lambda: by_pillow("PNG", Image.new("RGBA", (96, 72))), "transparent"),
        "a strip": (lambda: by_pillow("PNG", Image.fromarray(np.tile(sample(), (1, 14, 1))[:70])),
                    "strip"),
    }  # fmt: skip
    for name, (write, said) in files.items():
        yield Case("refused", name, write, Wanted(None, 0.0, said))
