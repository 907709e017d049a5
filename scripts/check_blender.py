"""Say whether Blender's Python module can be imported, and if not, what to install."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = {
    "libEGL": ("libegl1", "libglvnd-egl", "libglvnd"),
    "libGL": ("libgl1", "libglvnd-glx", "libglvnd"),
    "libICE": ("libice6", "libICE", "libice"),
    "libSM": ("libsm6", "libSM", "libsm"),
    "libX11": ("libx11-6", "libX11", "libx11"),
    "libXext": ("libxext6", "libXext", "libxext"),
    "libXfixes": ("libxfixes3", "libXfixes", "libxfixes"),
    "libXi": ("libxi6", "libXi", "libxi"),
    "libXrender": ("libxrender1", "libXrender", "libxrender"),
    "libXt": ("libxt6", "libXt", "libxt"),
    "libXxf86vm": ("libxxf86vm1", "libXxf86vm", "libxxf86vm"),
    "libgomp": ("libgomp1", "libgomp", "gcc-libs"),
    "libwayland-client": ("libwayland-client0", "libwayland-client", "wayland"),
    "libxkbcommon": ("libxkbcommon0", "libxkbcommon", "libxkbcommon"),
}
"""What brings each library on Debian, Fedora and Arch."""

INSTALLERS = (
    ("apt-get", "sudo apt-get install -y"),
    ("dnf", "sudo dnf install -y"),
    ("pacman", "sudo pacman -S --needed"),
)
"""The program that tells each of them from the others, and the command that installs."""


def advice(missing: list[str]) -> str:
    """Return the command that installs what brings these libraries on this distribution."""
    names = [name for name, _ in INSTALLERS]
    index = next((index for index, name in enumerate(names) if shutil.which(name)), 0)
    known = [PACKAGES[stem] for name in missing if (stem := name.split(".so")[0]) in PACKAGES]
    return " ".join([INSTALLERS[index][1], *sorted({packages[index] for packages in known})])


def missing_libraries(python: str) -> list[str]:
    """Return the shared libraries that the bpy of ``python`` needs and this system lacks."""
    probe = (
        "import importlib.util as u; spec = u.find_spec('bpy'); "
        "print(spec.submodule_search_locations[0] if spec else '')"
    )
    found = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=True)
    folder = found.stdout.strip()
    if not folder:
        return []
    module = Path(folder) / "__init__.so"
    if not module.exists() or not sys.platform.startswith("linux"):
        return []
    listing = subprocess.run(["ldd", str(module)], capture_output=True, text=True, check=False)
    return re.findall(r"^\s*(\S+) => not found", listing.stdout, flags=re.MULTILINE)


def main() -> int:
    """Check the Python given as the only argument."""
    python = sys.argv[1]
    missing = missing_libraries(python)
    if missing:
        sys.stderr.write(f"Blender needs system libraries: {', '.join(missing)}.\n")
        sys.stderr.write(f"Install them: {advice(missing)}\n")
        return 1
    result = subprocess.run(
        [python, "-c", "import bpy, os; os._exit(0)"], capture_output=True, text=True, check=False
    )
    if result.returncode:
        sys.stderr.write(f"Blender's module cannot be imported:\n{result.stderr[-800:]}\n")
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
