"""Say whether Blender's Python module can be imported, and if not, what to install."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

DEBIAN_PACKAGES = {
    "libEGL": "libegl1",
    "libGL": "libgl1",
    "libICE": "libice6",
    "libSM": "libsm6",
    "libX11": "libx11-6",
    "libXext": "libxext6",
    "libXfixes": "libxfixes3",
    "libXi": "libxi6",
    "libXrender": "libxrender1",
    "libXt": "libxt6",
    "libXxf86vm": "libxxf86vm1",
    "libgomp": "libgomp1",
    "libwayland-client": "libwayland-client0",
    "libxkbcommon": "libxkbcommon0",
}


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
        packages = sorted(
            {DEBIAN_PACKAGES.get(name.split(".so")[0], "") for name in missing} - {""}
        )
        sys.stderr.write(f"Blender needs system libraries: {', '.join(missing)}.\n")
        sys.stderr.write(f"Install them: sudo apt-get install -y {' '.join(packages)}\n")
        return 1
    result = subprocess.run(
        [python, "-c", "import bpy, os; os._exit(0)"], capture_output=True, text=True, check=False
    )
    if result.returncode:
        sys.stderr.write(f"Blender's module cannot be imported:\n{result.stderr[-800:]}\n")
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
