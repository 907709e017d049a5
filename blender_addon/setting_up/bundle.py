"""What the extension brings: the wheel of this project, uv, and the versions that are tested."""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_stream

_EXECUTABLE = re.compile(r"uv-[^/]+\.data/scripts/(uv(?:\.exe)?)")


@dataclass(frozen=True)
class Bundle:
    """Files of the extension.

    Attributes:
        wheel: Of this project.
        installer: Wheel of uv for this platform.
        constraints: Versions that are tested.
        version: Livescape's.
    """

    wheel: Path
    installer: Path
    constraints: Path
    version: str


def find_bundle(extension: Path) -> Bundle:
    """Return what lies in the folder of the extension.

    Raises:
        LivescapeError: ``setup_bundle_missing``.
    """
    wheel = next(iter(sorted((extension / "wheels").glob("livescape-*.whl"))), None)
    installer = next(iter(sorted((extension / "bundled").glob("uv-*.whl"))), None)
    constraints = extension / "bundled" / "constraints.txt"
    if wheel is None or installer is None or not constraints.is_file():
        raise _incomplete()
    return Bundle(wheel, installer, constraints, wheel.name.split("-")[1])


def build_of(bundle: Bundle) -> str:
    """Return what tells the build of the wheel from others of the same version.

    Raises:
        LivescapeError: ``setup_bundle_missing``.
    """
    try:
        known = bundle.wheel.stat()
        return _digest(bundle.wheel, known.st_mtime_ns, known.st_size)
    except OSError as error:
        raise _incomplete() from error


@lru_cache(maxsize=4)
def _digest(path: Path, changed: int, size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def unpack_installer(bundle: Bundle, folder: Path) -> Path:
    """Unpack uv into a folder of its version, unless it is there; return the executable.

    Raises:
        LivescapeError: ``setup_bundle_missing``, ``disk_full`` or ``output_not_writable``.
    """
    try:
        with zipfile.ZipFile(bundle.installer) as archive:
            found = filter(None, map(_EXECUTABLE.fullmatch, archive.namelist()))
            member = next(found, None)
            if member is None:
                raise _incomplete()
            path = folder / bundle.installer.name.split("-")[1] / member[1]
            size = archive.getinfo(member[0]).file_size
            if not (path.is_file() and path.stat().st_size == size):
                with whole_stream(path, mode=0o755) as stream:
                    stream.write(archive.read(member[0]))
    except (OSError, zipfile.BadZipFile) as error:
        raise _incomplete() from error
    return path


def _incomplete() -> LivescapeError:
    return LivescapeError(
        "setup_bundle_missing",
        "This copy of the extension lacks what it needs to set up the backend.",
        hint="Install the extension for your platform again from its zip.",
    )
