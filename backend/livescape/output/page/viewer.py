"""The viewer that pages carry: Spark and three.js, from npm, each with its licence.

They are neither in this repository nor in its packages: ``livescape viewer`` fetches them once, by
npm, into the state folder, and checks them against the hashes below.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from livescape_shared.connection import default_state_dir
from livescape_shared.errors import LivescapeError
from livescape_shared.files import at_home, whole_file

FOLDER_VARIABLE: Final = "LIVESCAPE_VIEWER"

_FETCH_S: Final = 300.0


@dataclass(frozen=True)
class Package:
    """A package of npm.

    Attributes:
        name: Its name there.
        version: Its only version that fits our player.
        sha512: Of its archive, in base64.
        modules: Files that pages carry, by the name under which they import each other.
        licence: The file of its licence.
    """

    name: str
    version: str
    sha512: str
    modules: dict[str, str]
    licence: str = "LICENSE"

    @property
    def archive(self) -> str:
        """The name of its archive, as npm gives it."""
        return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"


PACKAGES: Final = (
    Package(
        "three",
        "0.187.0",
        "Qiu7R+Cmh8CstZsY1uJOSWnVlfo7ZtNLV7mF8Jltk3LB3AtDu9cRZlcnRKkAk8Y4z6KKw35z7Y7Urd7jWY8etA==",
        {
            "three/core": "build/three.core.js",
            "three": "build/three.module.js",
            "three/controls": "examples/jsm/controls/OrbitControls.js",
            "three/addons/postprocessing/Pass.js": "examples/jsm/postprocessing/Pass.js",
        },
    ),
    Package(
        "@sparkjsdev/spark",
        "2.2.0",
        "wf5F2YAmPXnjm20/MgXYer9FQTXz2JOCo05HwxFkaD7Guk9rHVPIwdJ6fq0oF9ME0heMvYj+TxS6DTrucvy6KA==",
        {"spark": "dist/spark.module.min.js"},
    ),
)


@dataclass(frozen=True)
class Viewer:
    """What a page needs of the packages.

    Attributes:
        modules: JavaScript by the name under which it is imported.
        licences: The licence of each package, with its name and version above it.
    """

    modules: dict[str, str]
    licences: str


def viewer_folder() -> Path:
    """Return where the archives are: ``LIVESCAPE_VIEWER`` if set, else in the state folder."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    return at_home(Path(chosen)) if chosen else default_state_dir() / "viewer"


def load_viewer(folder: Path) -> Viewer:
    """Read the viewer out of its archives.

    Raises:
        LivescapeError: ``viewer_missing`` or ``viewer_changed``.
    """
    modules: dict[str, str] = {}
    licences = []
    for package in PACKAGES:
        path = folder / package.archive
        try:
            data = path.read_bytes()
        except OSError as error:
            raise LivescapeError(
                "viewer_missing",
                f"A page plays in the viewer {package.name}, which is not on this machine.",
                hint="Fetch it once with: livescape viewer",
            ) from error
        _check(package, data)
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
            for name, member in package.modules.items():
                modules[name] = _text(archive, member)
            licence = _text(archive, package.licence)
        licences.append(f"{package.name} {package.version}\n\n{licence}")
    modules["three"] = modules["three"].replace("'./three.core.js'", "'three/core'")
    return Viewer(modules, "\n\n".join(licences))


def fetch_viewer(folder: Path) -> list[Path]:
    """Download by npm the archives that are not there yet; nothing in them is run.

    Raises:
        LivescapeError: ``viewer_fetch_failed`` or ``viewer_changed``.
    """
    missing = [package for package in PACKAGES if not (folder / package.archive).is_file()]
    if not missing:
        return []
    npm = shutil.which("npm")
    if npm is None:
        names = " and ".join(f"{package.name} {package.version}" for package in missing)
        raise LivescapeError(
            "viewer_fetch_failed",
            "npm, which fetches the viewer, is not installed.",
            hint=f"Install Node.js, or put the archives of {names} into {folder}.",
        )
    fetched = []
    for package in missing:
        with tempfile.TemporaryDirectory() as place:
            _pack(npm, package, Path(place))
            data = (Path(place) / package.archive).read_bytes()
        _check(package, data)
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(folder / package.archive) as partial:
            partial.write_bytes(data)
        fetched.append(folder / package.archive)
    return fetched


def _pack(npm: str, package: Package, place: Path) -> None:
    asked = [npm, "pack", f"{package.name}@{package.version}", "--ignore-scripts"]
    asked += ["--pack-destination", str(place)]
    try:
        done = subprocess.run(
            asked, cwd=place, capture_output=True, text=True, timeout=_FETCH_S, check=False
        )
        said = done.stderr
    except (OSError, subprocess.TimeoutExpired) as error:
        said = str(error)
    if not (place / package.archive).is_file():
        lines = [line for line in said.splitlines() if line.strip()] or ["npm says nothing"]
        raise LivescapeError(
            "viewer_fetch_failed",
            f"{package.name} could not be fetched: {lines[0][:200]}.",
            hint="Check the connection and npm's own settings.",
            retryable=True,
        )


def _check(package: Package, data: bytes) -> None:
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != package.sha512:
        raise LivescapeError(
            "viewer_changed",
            f"The archive of {package.name} is not version {package.version} as it is known.",
            hint="Delete it and fetch it again with: livescape viewer",
        )


def _text(archive: tarfile.TarFile, member: str) -> str:
    stream = archive.extractfile(f"package/{member}")
    if stream is None:
        raise LivescapeError("viewer_changed", f"The viewer's archive lacks {member}.")
    return stream.read().decode("utf-8")
