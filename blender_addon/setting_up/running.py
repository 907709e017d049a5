"""What is being set up now, watched by a timer that never waits."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import bpy

from livescape_shared import __version__
from livescape_shared.errors import Cancelled, LivescapeError

from .. import __package__ as base_package
from ..generate import status
from ..redraw import redraw_panels
from ..servers.tasks import Outcome
from ..user_folder import user_folder
from .bundle import build_of, find_bundle
from .commands import Wishes
from .installation import Installation, Removal, check_wishes
from .models import Model, ModelWork
from .place import Installed, Place
from .steps import Work

TICK_S = 0.2
EXTENSION = Path(__file__).resolve().parents[1]


_work: Work | None = None
_outcome: Outcome | None = None
_log: Path | None = None
_ended = 0
_models: dict[str, list[Model]] = {}


def preferences(context: bpy.types.Context) -> Any:
    """Return the add-on's preferences."""
    addon: Any = context.preferences.addons.get(base_package) if context.preferences else None
    return addon.preferences if addon else None


def place(context: bpy.types.Context) -> Place:
    """Return where the backend is set up: the extension's own folder, or the artist's choice."""
    own = preferences(context)
    chosen = bpy.path.abspath(own.backend_folder) if own else ""
    return Place(Path(chosen) if chosen else user_folder("backend"))


def wishes(context: bpy.types.Context) -> Wishes:
    """Return what the artist has chosen."""
    own = preferences(context)
    folder = bpy.path.abspath(own.wheel_folder)
    return Wishes(
        is_online=bool(bpy.app.online_access),
        wheels=Path(folder) if folder else None,
        index=own.package_index.strip(),
        use_card=own.use_card,
        networks=own.networks,
    )


def version() -> str:
    """Return the version that add-on and backend must have in common."""
    return __version__


def build() -> str:
    """Return the build of the backend that this add-on brings, empty if it brings none."""
    with suppress(LivescapeError):
        return build_of(find_bundle(EXTENSION))
    return ""


def is_outdated(installed: Installed) -> bool:
    """Whether what is set up is not what this add-on brings."""
    own = build()
    return installed.version != version() or bool(own and installed.build != own)


def current() -> Work | None:
    """Return what goes on, None if nothing does."""
    return _work


def outcome() -> Outcome | None:
    """Return how the last work ended."""
    return _outcome


def works_ended() -> int:
    """Return how many works have ended; a server may have changed with each."""
    return _ended


def models(python: Path) -> list[Model] | None:
    """Return the networks as a backend lists them, None if it was not asked yet."""
    return _models.get(str(python))


def set_up(context: bpy.types.Context) -> None:
    """Begin to set the backend up.

    Raises:
        LivescapeError: Why that cannot begin.
    """
    wanted = wishes(context)
    check_wishes(wanted)
    _begin(Installation(find_bundle(EXTENSION), place(context), wanted))


def remove(context: bpy.types.Context) -> None:
    """Begin to remove all that was set up.

    Raises:
        LivescapeError: ``setup_busy``.
    """
    _models.clear()
    _begin(Removal(place(context), log_folder() / "remove.log"))


def ask_models(python: Path, name: str = "") -> None:
    """Begin to list the networks, after fetching one if its name is given.

    Raises:
        LivescapeError: ``setup_busy`` or ``online_access_off``.
    """
    if name and not bpy.app.online_access:
        raise LivescapeError(
            "online_access_off",
            f"{name} is to be downloaded, and Blender's online access is off.",
            hint="Turn on Allow Online Access under Preferences > System > Network.",
        )
    _begin(ModelWork(python, log_folder() / "models.log", name))


def log_folder() -> Path:
    """Return the folder of logs."""
    return user_folder("logs", create=True)


def last_log(context: bpy.types.Context) -> Path:
    """Return the log of the last work, or else that of the last setting up."""
    return _log or place(context).log


def _begin(work: Work) -> None:
    global _work, _outcome, _log
    if _work is not None:
        raise LivescapeError(
            "setup_busy",
            "The backend is being set up or removed already.",
            hint="Wait until that has finished, or cancel it.",
            retryable=True,
        )
    _work, _outcome, _log = work, None, work.log
    work.start()
    if not bpy.app.background and not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=TICK_S, persistent=True)
    redraw_panels()


def cancel() -> None:
    """Ask for the end."""
    if _work is not None:
        _work.cancel()


def tick() -> float | None:
    """Note what has ended; return when to call again."""
    if _work is not None and _work.is_over:
        _end(_work)
    redraw_panels()
    return TICK_S if _work is not None else None


def wait() -> Outcome:
    """Return how it ended, however long that takes; for scripts, which have nothing else to do."""
    while _work is not None:
        _work.wait(TICK_S)
        tick()
    return _outcome or Outcome()


def shut_down() -> None:
    """End at once, because the add-on does."""
    global _work, _outcome, _log
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
    if _work is not None:
        _work.stop()
    _work, _outcome, _log = None, None, None
    _models.clear()


def _end(work: Work) -> None:
    global _work, _outcome, _ended
    _work = None
    if isinstance(work, ModelWork) and work.error is None:
        _models[work.python] = work.models
    _outcome = _outcome_of(work)
    _ended += 1


def _outcome_of(work: Work) -> Outcome:
    if work.error is None:
        return Outcome(_done(work))
    if isinstance(work.error, Cancelled):
        return Outcome("Cancelled. What has arrived is kept for the next time")
    if isinstance(work.error, LivescapeError):
        return Outcome(str(work.error), work.error)
    error = status.fault(work.error)
    return Outcome(str(error), error)


def _done(work: Work) -> str:
    if isinstance(work, Installation) and work.installed is not None:
        return work.installed.remark
    return f"{work.name} is fetched" if isinstance(work, ModelWork) and work.name else ""
