"""Where what is set up lies: environments, of which a marker names the one that is whole.

::

    backend.json     the marker, written last: which environment is current, and what it is
    env-1a2b/        an environment; short, since Windows allows 260 characters for a path
    tools/           uv
    python/          a Python that uv has brought
    downloads/       what has arrived; kept until all is whole, so that a second try goes on
    setup.lock       held by the process that sets up now
    setup.log        what was done last
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from livescape_shared.errors import LivescapeError
from livescape_shared.files import output_refusal, remove_partials, whole_file
from livescape_shared.values import integer, mapping, text

from .lock import hold, is_held, let_go

MARKER, LOCK, LOG = "backend.json", "setup.lock", "setup.log"
ENVIRONMENT = "env-"


@dataclass(frozen=True)
class Installed:
    """An environment that is whole.

    Attributes:
        environment: Name of its folder.
        version: Livescape's version in it.
        device: What it computes on, as it said itself.
        size: Bytes on the disk.
        networks: Whether the libraries of the optional networks are in it.
        remark: What the artist should know of it; may be empty.
        build: Tells its build from others of the same version.
    """

    environment: str
    version: str
    device: str
    size: int
    networks: bool = False
    remark: str = ""
    build: str = ""


class Place:
    """The folder of everything that is set up.

    Args:
        root: Its path; made when something is written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.tools, self.pythons = root / "tools", root / "python"
        self.downloads, self.log = root / "downloads", root / LOG

    def installed(self) -> Installed | None:
        """Return the current environment, None if there is none that is whole."""
        try:
            values = mapping(json.loads((self.root / MARKER).read_text(encoding="utf-8")))
            found = Installed(
                environment=text(values["environment"]),
                version=text(values["version"]),
                device=text(values["device"]),
                size=integer(values["size"], 0),
                networks=values.get("networks") is True,
                remark=text(values.get("remark", "")),
                build=text(values.get("build", "")),
            )
        except (OSError, KeyError, TypeError, ValueError, RecursionError):
            return None
        is_ours = found.environment.startswith(ENVIRONMENT) and Path(found.environment).name == (
            found.environment
        )
        return found if is_ours and (self.root / found.environment).is_dir() else None

    def python(self, installed: Installed) -> Path:
        """Return the Python of an environment; it is missing where its base was removed."""
        return python_in(self.root / installed.environment)

    def new_environment(self) -> Path:
        """Return the folder of an environment that is to be made."""
        return self.root / f"{ENVIRONMENT}{secrets.token_hex(2)}"

    def is_busy(self) -> bool:
        """Whether a process is setting up here now."""
        return is_held(self.root / LOCK)

    def is_interrupted(self) -> bool:
        """Whether a process has begun to set up here and was ended before all was whole."""
        return (self.root / LOCK).exists() and not self.is_busy()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others from setting up at the same place.

        The file goes only when the block ends: one that nobody holds says that its process died.

        Raises:
            LivescapeError: ``setup_busy``.
            OSError: If the folder cannot be written.
        """
        lock = self.root / LOCK
        descriptor = hold(lock)
        if descriptor is None:
            raise LivescapeError(
                "setup_busy",
                "The backend is being set up or removed already, perhaps by another Blender.",
                hint="Wait until that has finished, or cancel it there.",
                retryable=True,
            )
        try:
            yield
        finally:
            let_go(descriptor)
            with suppress(OSError):
                lock.unlink()

    def commit(self, installed: Installed) -> None:
        """Make an environment current, in one step, and remove what is not needed any more.

        Raises:
            LivescapeError: ``disk_full`` or ``output_not_writable``.
        """
        with whole_file(self.root / MARKER, durable=True) as partial:
            partial.write_text(json.dumps(asdict(installed), indent=1), encoding="utf-8")
        self.tidy()
        shutil.rmtree(self.downloads, ignore_errors=True)

    def tidy(self) -> None:
        """Remove environments that are not current; what is still in use stays till next time."""
        installed = self.installed()
        for folder in self.root.glob(f"{ENVIRONMENT}*"):
            if installed is None or folder.name != installed.environment:
                shutil.rmtree(folder, ignore_errors=True)
        remove_partials(self.root)

    def remove(self) -> None:
        """Remove everything that was set up.

        Raises:
            LivescapeError: ``output_not_writable`` if something is still in use.
        """
        try:
            (self.root / MARKER).unlink(missing_ok=True)  # from here on nothing is half there
            if self.root.exists():
                shutil.rmtree(self.root)
        except OSError as error:
            raise output_refusal(Path(error.filename or self.root), error) from error


def python_in(environment: Path) -> Path:
    """Return the Python of a virtual environment."""
    if os.name == "nt":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


def size_of(folder: Path) -> int:
    """Return how many bytes the files in a folder have."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(path, name)).st_size
    return total
