"""Setting up, from nothing to an environment that is current because it is whole."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from livescape_shared.errors import LivescapeError
from livescape_shared.sizes import size_text

from . import commands
from .bundle import Bundle, build_of, unpack_installer
from .commands import Wishes
from .failures import quote
from .machine import LINUX, Machine, check_supported, this_machine
from .output import Arrivals
from .place import Installed, Place, size_of
from .plan import plan_for
from .steps import Work

_BEGUN, _INSTALLING, _CARD, _CHECKING, _COUNTING = 0.02, 0.05, 0.85, 0.93, 0.98


class Installation(Work):
    """Sets the backend up. Until the last step, what was there before stays in use.

    Args:
        bundle: What the extension brings.
        place: Where it goes.
        wishes: What the artist has chosen.
        machine: Tells what this machine is; may take seconds.

    Attributes:
        installed: The environment, once it is current.
    """

    def __init__(
        self,
        bundle: Bundle,
        place: Place,
        wishes: Wishes,
        machine: Callable[[], Machine] = this_machine,
    ) -> None:
        super().__init__(place.log)
        self._bundle, self._place, self._wishes = bundle, place, wishes
        self._look_at_machine = machine
        self._variables = commands.environment_variables(os.environ, place, wishes)
        self.installed: Installed | None = None

    def do(self) -> None:
        """Set up."""
        self.begin("Looking at this computer", 0.0)
        check_wishes(self._wishes)
        machine = self._look_at_machine()
        check_supported(machine)
        self._place.root.mkdir(parents=True, exist_ok=True)
        with self._place.locked():
            self._place.tidy()
            self._check_space(machine)
            uv = unpack_installer(self._bundle, self._place.tools)
            environment = self._place.new_environment()
            try:
                self._install(uv, environment, machine)
            except BaseException:
                shutil.rmtree(environment, ignore_errors=True)
                raise

    def _install(self, uv: Path, environment: Path, machine: Machine) -> None:
        wishes, bundle = self._wishes, self._bundle
        self.begin("Looking for Python", _BEGUN)
        self._uv(commands.make_environment(uv, environment, wishes))
        self.begin("Installing packages", _INSTALLING)
        arrivals = Arrivals(plan_for(machine, wishes).download)

        def heard(line: str) -> None:
            arrivals.read(line)
            self.fraction = _INSTALLING + (_CARD - _INSTALLING) * arrivals.fraction

        self._uv(
            commands.install_backend(
                uv, environment, bundle.wheel, bundle.constraints, machine, wishes
            ),
            heard,
        )
        remark = ""
        if commands.is_for_card(machine, wishes):
            remark = self._install_card(uv, environment, machine)
        self.begin("Checking", _CHECKING)
        found = self._check(environment)
        self.begin("Finishing", _COUNTING)
        installed = Installed(
            environment.name,
            bundle.version,
            str(found.get("device", "")),
            size_of(environment),
            wishes.networks,
            remark,
            build_of(bundle),
        )
        self._place.commit(installed)
        self.installed, self.fraction = installed, 1.0

    def _uv(self, command: Sequence[str], heard: Callable[[str], None] = lambda line: None) -> None:
        self.run(command, self._variables, heard=heard, is_online=self._wishes.is_online)

    def _install_card(self, uv: Path, environment: Path, machine: Machine) -> str:
        """Install what draws on the card; where that cannot be, say why, and the CPU computes."""
        self.begin("Preparing the graphics card", _CARD)
        wishes = self._wishes
        try:
            self._uv(
                commands.install_card(uv, environment, self._bundle.constraints, machine, wishes)
            )
            self.run(commands.check_card(environment), self._own_variables())
        except LivescapeError as error:
            with suppress(LivescapeError):  # it may not be there
                self._uv(commands.remove_card(uv, environment))
            needs = "nvcc and a C++ compiler" if machine.system == LINUX else "CUDA and Visual C++"
            return f"{machine.card} is not used, since gsplat needs {needs}: {error.message}"
        return ""

    def _check(self, environment: Path) -> dict[str, object]:
        """Return what the new environment says of itself."""
        said = self.run(commands.check(environment), self._own_variables(), failure=_check_failed)
        try:
            found = dict(json.loads(said[-1]))
        except (IndexError, TypeError, ValueError) as error:
            raise _check_failed(said) from error
        if found.get("version") != self._bundle.version:
            raise _check_failed([f"its version is {found.get('version')}"])
        return found

    def _own_variables(self) -> dict[str, str]:
        return {name: value for name, value in self._variables.items() if name[:3] != "UV_"}

    def _check_space(self, machine: Machine) -> None:
        needed = plan_for(machine, self._wishes).disk
        free = shutil.disk_usage(self._place.root).free
        if free < needed:
            raise LivescapeError(
                "disk_full",
                f"The backend needs {size_text(needed)} on the disk, and {size_text(free)} are "
                "free.",
                hint="Free some space, or choose another Backend Folder in the add-on's "
                "preferences.",
                retryable=True,
            )


def check_wishes(wishes: Wishes) -> None:
    """Check that there is somewhere to take packages from.

    Raises:
        LivescapeError: ``setup_offline`` or ``setup_wheels_missing``.
    """
    if wishes.wheels is not None and not commands.wheel_names(wishes.wheels):
        raise LivescapeError(
            "setup_wheels_missing",
            f"There are no wheels in the folder {wishes.wheels.name}.",
            hint="Choose a folder that holds files ending in .whl, or leave Folder of Wheels "
            "empty.",
        )
    if wishes.wheels is None and not wishes.is_online:
        raise LivescapeError(
            "setup_offline",
            "The backend is to be downloaded, and Blender's online access is off.",
            hint="Turn on Allow Online Access under Preferences > System > Network, or choose a "
            "Folder of Wheels.",
        )


def _check_failed(said: Sequence[str]) -> LivescapeError:
    return LivescapeError(
        "setup_check_failed",
        f"What was installed does not start: {quote(said)}",
        hint="Press Set Up again. If it happens again, Open Log says more.",
    )


class Removal(Work):
    """Removes everything that was set up.

    Args:
        place: Where it is.
        log: Where to say so; outside of that folder.
    """

    def __init__(self, place: Place, log: Path) -> None:
        super().__init__(log)
        self._place = place

    def do(self) -> None:
        """Remove."""
        self.begin("Removing", 0.1)
        with self._place.locked():
            self._place.remove()
