"""A few whole splat files of every format, for the damage."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from threading import Timer

import numpy as np
from tests.shared.splat_samples import exchanged

from livescape_shared.formats.export import export_frames
from livescape_shared.formats.invalid import invalid_splats
from livescape_shared.formats.splat import ROW
from livescape_shared.splats import Splats

OTHERS = Path(__file__).parents[2] / "tests" / "data" / "splats"
"""Files that other programs have written."""

SPLATS = {
    "ply": ".ply", "compressed ply": ".compressed.ply", "spz": ".spz", "spz 4": ".spz",
    "sog": ".sog", "splat": ".splat", "ksplat": ".ksplat", "glb": ".glb", "usd": ".usd",
    "usdz": ".usdz", "4dgs": ".4dgs",
}  # fmt: skip
"""Formats, with the suffix by which a damaged file is still read as one of them."""

USD = ("usd", "usdz")

PATIENCE_S = 60.0
"""The machine may be busy: what a file may cost is processor time."""

_READ_ALL = """
import sys
from pathlib import Path
from livescape_shared.errors import LivescapeError
from livescape_shared.formats.usd_read import read_usd, usd_times
from livescape_shared.formats.usd_trial import limit_processor
for line in sys.stdin:
    try:
        limit_processor(Path(line.strip()))
        for time in [None, *usd_times(Path(line.strip()), lambda path: True)]:
            read_usd(Path(line.strip()), time, lambda path: True)
        told = "read"
    except LivescapeError:
        told = "refused"
    except Exception as error:
        told = repr(error)[:200].replace(chr(10), " ")
    print(told, flush=True)
"""

_GIVEN = {
    "compressed ply": ("transform.compressed.ply",), "spz": ("transform_v3.spz",),
    "spz 4": ("transform.spz",), "sog": ("transform.sog",), "glb": ("transform.glb",),
    "ksplat": ("splats3d_0.ksplat", "splats3d_1.ksplat", "splats3d_2.ksplat"),
}  # fmt: skip

_EXPORTED = {
    "ply": (".ply",), "compressed ply": (".compressed.ply",), "glb": (".glb",),
    "spz 4": (".spz",), "usd": (".usda", ".usdc"), "4dgs": (".4dgs",),
}  # fmt: skip


def splat_files(folder: Path) -> dict[str, list[bytes]]:
    """Return whole files of every format; ``folder`` is for temporaries."""
    splats = exchanged()
    found = {
        name: [(OTHERS / file).read_bytes() for file in _GIVEN.get(name, ())] for name in SPLATS
    }
    for name, endings in _EXPORTED.items():
        for ending in endings:
            [path] = export_frames(folder / f"whole{ending}", [(1, splats)], 24.0)
            found[name].append(path.read_bytes())
    found["usdz"].append(_usdz(folder))
    found["splat"].append(_splat(splats))
    return found


def _usdz(folder: Path) -> bytes:
    """Return the exported layer in an archive, as a phone would send it."""
    path = folder / "whole.usdz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(folder / "whole.usdc", "whole.usdc")
    return path.read_bytes()


def _splat(splats: Splats) -> bytes:
    """Return the rows of a ``.splat``, a format that we read only."""
    found = splats.gaussians
    rows = np.zeros(len(found), ROW)
    rows["xyz"], rows["scale"] = found.means, found.scales
    rows["rgba"][:, :3], rows["rgba"][:, 3] = found.colors * 255, found.opacities * 255
    rows["rot"] = np.clip(found.quats * 128 + 128, 0, 255)
    return rows.tobytes()


class UsdTrial:
    """Another Python that reads one file after another; one that ends it is not to be opened.

    The add-on starts one for each file, which takes too long for ten thousand.
    """

    def __init__(self) -> None:
        self._reader: subprocess.Popen[str] | None = None

    def read(self, path: Path) -> None:
        """Read a file there.

        Raises:
            LivescapeError: Whatever keeps it from being read.
            RuntimeError: Anything that is not such an error.
        """
        if self._reader is None:
            self._reader = subprocess.Popen(
                [sys.executable, "-c", _READ_ALL], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        assert self._reader.stdin is not None
        assert self._reader.stdout is not None
        self._reader.stdin.write(f"{path}\n")
        self._reader.stdin.flush()
        alarm = Timer(PATIENCE_S, self._reader.kill)
        alarm.start()
        told = self._reader.stdout.readline().strip()
        alarm.cancel()
        if not told:
            self._reader.wait()
            self._reader = None
            raise invalid_splats(path, "OpenUSD", "it ends who opens it")
        if told == "refused":
            raise invalid_splats(path, "OpenUSD", "it is damaged")
        if told != "read":
            raise RuntimeError(told)
