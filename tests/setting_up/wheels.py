"""Small wheels, as real installers read them."""

import base64
import hashlib
import shutil
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

BACKEND = {
    "livescape/__init__.py": "",
    "livescape/pipeline.py": "import tiny\n",
    "livescape/context/__init__.py": "",
    "livescape/context/device.py": "def choose_device():\n    return 'cpu', 'No card.'\n",
    "livescape/server/__init__.py": "",
    "livescape/server/command.py": "",
    "livescape_shared/__init__.py": "__version__ = '0.1.0'\n",
}
"""What the check after an installation looks at."""


def write_wheel(folder, name, version, files, *requires):
    """Write a wheel and return its path."""
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"]
    metadata += [f"Provides-Extra: {extra}\n" for extra in ("backend", "models")]
    metadata += [f"Requires-Dist: {each}\n" for each in requires]
    contents = {
        **files,
        f"{info}/METADATA": "".join(metadata),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for path, text in contents.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        record += f"{path},sha256={digest.decode()},{len(text.encode())}\n"
    contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in contents.items():
            archive.writestr(member, text)
    return path


def bundle_of(extension, uv_wheel, files=BACKEND):
    """Return the bundle of an extension whose backend is small."""
    from setting_up.bundle import find_bundle

    needs = 'tiny>=1; extra == "backend"'
    write_wheel(extension / "wheels", "livescape", "0.1.0", files, needs)
    (extension / "bundled").mkdir(exist_ok=True)
    shutil.copy(uv_wheel, extension / "bundled")
    (extension / "bundled" / "constraints.txt").write_text("tiny==1.0\n")
    return find_bundle(extension)
