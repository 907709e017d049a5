"""Every command that is run to set up the backend, for every platform; nothing is run here.

Most are uv's, whose output says what arrives. None names Blender's Python. Only wheels are taken:
few artists have a compiler, and no package's own code runs while it is installed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from livescape_shared.processes import own_environment

from .machine import LINUX, Machine
from .place import Place, python_in

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)

_UV_KEPT = re.compile(
    r"UV_(INDEX\w*|DEFAULT_INDEX|EXTRA_INDEX_URL|FIND_LINKS|CONFIG_FILE|NATIVE_TLS|SYSTEM_CERTS"
    r"|INSECURE_HOST|HTTP_\w+|PYTHON_INSTALL_MIRROR|KEYRING_PROVIDER|CONCURRENT_\w+)"
)
"""Variables of uv that say where packages come from; others would change what is made of them."""

_UV_INDEX = re.compile(r"UV_(INDEX\w*|DEFAULT_INDEX|EXTRA_INDEX_URL|FIND_LINKS|CONFIG_FILE)")
_TORCH_TAG = re.compile(r"torch-[^-]+-cp(3)(\d+)-.+\.whl", re.IGNORECASE)

CHECK = """
import json
from livescape.context.device import choose_device
import livescape.pipeline, livescape.server.command
from livescape_shared import __version__
device, reason = choose_device()
print(json.dumps({"version": __version__, "device": reason if device == "cuda" else "CPU"}))
"""
"""Ends with one line of JSON; whatever is missing in the environment ends it with an error."""

CHECK_CARD = """
import torch
from gsplat import rasterization
one = torch.ones(1, device="cuda")
means, quats = torch.tensor([[0.0, 0.0, 2.0]]).cuda(), torch.tensor([[1.0, 0.0, 0.0, 0.0]]).cuda()
view, lens = torch.eye(4).cuda()[None], torch.tensor([[[8.0, 0, 8], [0, 8, 8], [0, 0, 1]]]).cuda()
image, _, _ = rasterization(
    means, quats, torch.full((1, 3), 0.5).cuda(), one, torch.ones(1, 3).cuda(), view, lens, 16, 16)
assert float(image.max()) > 0.5
"""
"""Draws one Gaussian on the card, for which gsplat compiles its kernels at the first use."""


@dataclass(frozen=True)
class Wishes:
    """What the artist has chosen.

    Attributes:
        is_online: Whether Blender's online access is on; else nothing is asked of the network.
        wheels: Folder of wheels to take first, or to take all from; None if there is none.
        index: Address of the package index to use in place of the usual ones; may be empty.
        use_card: Whether to use an NVIDIA card, if there is one.
        networks: Whether the libraries of the optional networks are wanted.
    """

    is_online: bool
    wheels: Path | None = None
    index: str = ""
    use_card: bool = True
    networks: bool = False


def wheel_names(folder: Path | None) -> list[str]:
    """Return the names of the wheels in a folder."""
    return sorted(path.name for path in folder.glob("*.whl")) if folder is not None else []


def python_request(wheels: Sequence[str]) -> str:
    """Return which Pythons fit, as uv reads it: those of the torch in the folder, if one is."""
    tags = [found for found in map(_TORCH_TAG.fullmatch, wheels) if found]
    minors = {int(found[2]) for found in tags} & set(range(OLDEST_PYTHON[1], NEWEST_PYTHON[1] + 1))
    low = min(minors, default=OLDEST_PYTHON[1])
    high = max(minors, default=NEWEST_PYTHON[1])
    return f">=3.{low},<3.{high + 1}"


def make_environment(uv: Path, environment: Path, wishes: Wishes) -> list[str]:
    """Return the command that makes an empty environment with a fitting Python.

    uv looks for one on this machine, and otherwise brings one, if it may.
    """
    command = [str(uv), "venv", "--no-project", "--clear"]
    command += ["--python", python_request(wheel_names(wishes.wheels))]
    if not wishes.is_online:
        command += ["--offline", "--no-python-downloads"]
    return [*command, str(environment)]


def install_backend(
    uv: Path, environment: Path, wheel: Path, constraints: Path, machine: Machine, wishes: Wishes
) -> list[str]:
    """Return the command that installs exactly our version with what it needs."""
    extras = "backend,models" if wishes.networks else "backend"
    command = [str(uv), "pip", "install", "--python", str(python_in(environment))]
    command += ["--only-binary", ":all:", "--constraint", str(constraints)]
    command += _sources(machine, wishes)
    return [*command, f"livescape[{extras}] @ {wheel.as_uri()}"]


def install_card(
    uv: Path, environment: Path, constraints: Path, machine: Machine, wishes: Wishes
) -> list[str]:
    """Return the command that installs what draws on an NVIDIA card."""
    command = [str(uv), "pip", "install", "--python", str(python_in(environment))]
    command += ["--only-binary", ":all:", "--constraint", str(constraints)]
    command += _sources(machine, wishes)
    return [*command, "gsplat>=1.5.3,<1.6"]


def remove_card(uv: Path, environment: Path) -> list[str]:
    """Return the command that takes it out again, so that the backend uses the CPU."""
    return [str(uv), "pip", "uninstall", "--python", str(python_in(environment)), "gsplat"]


def check(environment: Path) -> list[str]:
    """Return the command that says what was installed, or why it does not start."""
    return [str(python_in(environment)), "-c", CHECK]


def check_card(environment: Path) -> list[str]:
    """Return the command that fails where the card cannot be drawn on."""
    return [str(python_in(environment)), "-c", CHECK_CARD]


def is_for_card(machine: Machine, wishes: Wishes) -> bool:
    """Whether an NVIDIA card is there and wanted."""
    return bool(machine.card) and wishes.use_card


def _sources(machine: Machine, wishes: Wishes) -> list[str]:
    """Return the options that say where packages come from."""
    options = ["--find-links", str(wishes.wheels)] if wishes.wheels is not None else []
    if not wishes.is_online:
        return [*options, "--offline", "--no-index"]
    if wishes.index:
        return [*options, "--default-index", wishes.index]
    brings_torch = any(name.lower().startswith("torch-") for name in wheel_names(wishes.wheels))
    if brings_torch or any(map(_UV_INDEX.fullmatch, os.environ)):
        return options
    # On Linux the usual index has torch for CUDA alone, on Windows for the CPU alone.
    if is_for_card(machine, wishes):
        return [*options, "--torch-backend", "auto"]
    if machine.system == LINUX:
        return [*options, "--torch-backend", "cpu"]
    return options


def environment_variables(
    variables: Mapping[str, str], place: Place, wishes: Wishes
) -> dict[str, str]:
    """Return the environment in which the commands run: all that uv keeps is in our folder."""
    kept = {
        name: value
        for name, value in own_environment(variables).items()
        if not name.upper().startswith(("UV_", "PIP_")) or _is_kept(name, wishes)
    }
    return kept | {
        "UV_CACHE_DIR": str(place.downloads),
        "UV_PYTHON_INSTALL_DIR": str(place.pythons),
        "UV_NO_PROGRESS": "1",
        "NO_COLOR": "1",
        "PYTHONUTF8": "1",
    }


def _is_kept(name: str, wishes: Wishes) -> bool:
    if _UV_KEPT.fullmatch(name.upper()) is None:
        return False
    return wishes.is_online or _UV_INDEX.fullmatch(name.upper()) is None
