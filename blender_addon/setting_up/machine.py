"""What this machine is, as far as it decides what is installed."""

from __future__ import annotations

import platform
import subprocess
import sys
from dataclasses import dataclass

from livescape_shared.errors import LivescapeError
from livescape_shared.processes import without_console

LINUX, WINDOWS, MACOS = "linux", "windows", "macos"

DRIVER_COMMAND = ("nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader")
DRIVER_TIMEOUT_S = 10.0
OLDEST_MACOS = 14
"""First macOS for which the versions that we test with are published."""

OLDEST_DRIVER = 525
"""First driver that serves CUDA 12, the oldest for which there is a torch that we work with."""


@dataclass(frozen=True)
class Machine:
    """A kind of machine.

    Attributes:
        system: ``linux``, ``windows`` or ``macos``.
        is_arm: Whether its processor is an ARM.
        release: Major version of macOS; 0 on other systems.
        card: Name of an NVIDIA card whose driver serves us; empty if there is none.
    """

    system: str
    is_arm: bool = False
    release: int = 0
    card: str = ""


def this_machine(*, ask_driver: bool = True) -> Machine:
    """Return what we run on. Asks the driver, which may take seconds, unless that is not wanted."""
    systems = {"win32": WINDOWS, "darwin": MACOS}
    system = systems.get(sys.platform, LINUX)
    is_arm = platform.machine().lower() in ("arm64", "aarch64")
    major = platform.mac_ver()[0].partition(".")[0]
    card = find_card() if ask_driver and system != MACOS else ""
    return Machine(system, is_arm, int(major) if major.isdigit() else 0, card)


def find_card(command: tuple[str, ...] = DRIVER_COMMAND) -> str:
    """Return the name of the first NVIDIA card with a driver that is new enough, else nothing."""
    try:
        said = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=DRIVER_TIMEOUT_S,
            check=False,
            **without_console(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    if said.returncode:
        return ""
    return card_of(said.stdout.decode("utf-8", errors="replace"))


def card_of(said: str) -> str:
    """Return the card that the driver's answer, ``name, version`` in each line, speaks of."""
    for line in said.splitlines():
        name, _, version = line.rpartition(",")
        major = version.strip().partition(".")[0]
        if name.strip() and major.isdigit() and int(major) >= OLDEST_DRIVER:
            return name.strip()
    return ""


def check_supported(machine: Machine) -> None:
    """Check that there is a torch for such a machine.

    Raises:
        LivescapeError: ``setup_unsupported``.
    """
    if machine.system == MACOS and not machine.is_arm:
        kind = "Macs with an Intel processor"
    elif machine.system == WINDOWS and machine.is_arm:
        kind = "Windows on ARM"
    elif machine.system == MACOS and 0 < machine.release < OLDEST_MACOS:
        kind = f"macOS before {OLDEST_MACOS}"
    else:
        return
    raise LivescapeError(
        "setup_unsupported",
        f"The backend cannot be set up on {kind}, for which PyTorch is not published.",
        hint="Pair with a server on another computer: Add Server in the add-on's preferences.",
    )
