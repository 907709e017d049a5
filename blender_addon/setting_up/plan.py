"""What setting up will bring: how much, under which licences. Said before anything begins."""

from __future__ import annotations

from dataclasses import dataclass

from .commands import Wishes, is_for_card
from .machine import LINUX, MACOS, Machine

MB = 10**6

_NEEDED = {LINUX: (400 * MB, 1400 * MB), MACOS: (300 * MB, 1000 * MB)}
_OTHERWISE = (350 * MB, 1300 * MB)
_WITH_CARD = (3500 * MB, 7500 * MB)
_NETWORKS = (150 * MB, 600 * MB)
_PYTHON = 100 * MB

_LICENCES: tuple[str, ...] = (
    "Livescape: GPL-3.0-or-later",
    "Python (if none is found): PSF-2.0",
    "PyTorch, NumPy, Numba, OpenEXR, pyzmq: BSD",
    "OpenCV: Apache-2.0; Pillow: MIT-CMU; PyAV: BSD, with FFmpeg LGPL-2.1-or-later",
)


@dataclass(frozen=True)
class Plan:
    """What will be done.

    Attributes:
        device: What will compute.
        download: Bytes to fetch, about.
        disk: Bytes on the disk afterwards, about; as much must be free.
        licences: One line for each kind.
        source: Where it comes from.
    """

    device: str
    download: int
    disk: int
    licences: tuple[str, ...]
    source: str


def plan_for(machine: Machine, wishes: Wishes) -> Plan:
    """Return what will be installed on such a machine."""
    with_card = is_for_card(machine, wishes)
    download, disk = _WITH_CARD if with_card else _NEEDED.get(machine.system, _OTHERWISE)
    licences = _LICENCES
    if with_card:
        licences += ("CUDA libraries: NVIDIA's licence; gsplat: Apache-2.0",)
    if wishes.networks:
        download, disk = download + _NETWORKS[0], disk + _NETWORKS[1]
        licences += ("transformers, diffusers, huggingface-hub: Apache-2.0; ONNX Runtime: MIT",)
    device = f"{machine.card} with CUDA" if with_card else "CPU"
    return Plan(device, download if wishes.is_online else 0, disk + _PYTHON, licences,
                _source(wishes))  # fmt: skip


def _source(wishes: Wishes) -> str:
    if not wishes.is_online:
        return f"the folder {wishes.wheels}"
    index = wishes.index or "PyPI and PyTorch"
    return f"the folder {wishes.wheels} and {index}" if wishes.wheels is not None else index
