"""Looks at the backend beside Blender, so that panels can say how it stands without waiting.

While a panel that shows it is drawn, a thread looks every two seconds. A server is asked how it is
once, and again when something has changed: a question counts as use, and would keep a server from
giving its memory back.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy

from livescape_shared import __version__
from livescape_shared.connection import default_state_dir, read_connection_file
from livescape_shared.errors import LivescapeError
from livescape_shared.processes import process_alive
from livescape_shared.remote.servers import PairedServer

from ..bridge import remote
from ..bridge.errand import Errand
from ..bridge.launcher import find_server
from ..generate import running as generation
from ..redraw import redraw_panels
from ..servers import choice, known
from . import running
from .line import Answer, Facts
from .machine import Machine, this_machine
from .place import Place
from .python import named_python

PERIOD_S = 2.0
LOOKING_S = 60.0
"""Time after which a panel that is not drawn any more is not looked for."""


@dataclass(frozen=True)
class _Where:
    """What to look at; plain values, for the thread."""

    root: Path
    named: Path | None
    state_dir: Path
    server: PairedServer | None
    is_allowed: bool
    is_ours: bool


class _Watch:
    facts: Facts | None = None
    machine: Machine | None = None
    errand: Errand[Facts] | None = None
    machine_errand: Errand[Machine] | None = None
    asked: object = None
    answer: tuple[Answer | None, LivescapeError | None] = (None, None)
    drawn = 0.0
    was_generating = False


_watch = _Watch()


def facts(context: bpy.types.Context) -> Facts:
    """Return what was found last, and see to it that somebody looks on; never waits."""
    _watch.drawn = time.monotonic()
    if not bpy.app.background and not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=0.0, persistent=True)
    return _watch.facts or Facts(__version__, has_python=True)


def is_known() -> bool:
    """Whether there has been a look."""
    return _watch.facts is not None


def machine() -> Machine | None:
    """Return what this machine is, None until that is known."""
    return _watch.machine


def look_again() -> None:
    """Ask the server anew at the next look."""
    _watch.asked = None


def look_now(context: bpy.types.Context) -> Facts:
    """Look, however long that takes; for scripts, which have nothing else to do."""
    _watch.facts = _look(_where(context))
    _watch.machine = _watch.machine or this_machine()
    return _watch.facts


def stop() -> None:
    """Look no more; threads end by themselves."""
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    for name in list(vars(_watch)):
        delattr(_watch, name)


def _tick() -> float | None:
    if _watch.machine is None:
        _watch.machine_errand = _watch.machine_errand or Errand(this_machine)
        _watch.machine = _watch.machine_errand.poll()
    is_generating = generation.is_running()
    if _watch.was_generating and not is_generating:
        look_again()  # it has taken memory, and knows its device now
    _watch.was_generating = is_generating
    if is_generating and _watch.facts is not None:
        return PERIOD_S  # the panel shows that, and a look would cost it time
    if _watch.errand is None:
        where = _where(bpy.context)
        _watch.errand = Errand(lambda: _look(where))
    try:
        found = _watch.errand.poll()
    except LivescapeError:
        found = _watch.facts  # a fault, which the log tells; the next look may do better
    else:
        if found is None:
            return PERIOD_S / 10.0
    _watch.errand = None
    if found != _watch.facts:
        _watch.facts = found
        redraw_panels()
    return PERIOD_S if time.monotonic() - _watch.drawn < LOOKING_S else None


def _where(context: bpy.types.Context) -> _Where:
    name, server, is_allowed = choice.chosen_name(context), None, True
    if name:
        server = next((each for each in known.paired_servers() if each.name == name), None)
        is_allowed = server is None or server.place.is_here or bool(bpy.app.online_access)
    return _Where(
        running.place(context).root,
        named_python(context),
        default_state_dir(),
        server,
        is_allowed,
        is_ours=running.current() is not None,
    )


def _look(where: _Where) -> Facts:
    """Look at everything; runs in a thread."""
    if where.server is not None:
        found = Facts(__version__, server=where.server.name, is_allowed=where.is_allowed)
        return _asked(found, where) if where.is_allowed else found
    place = Place(where.root)
    installed = place.installed()
    python = where.named or (place.python(installed) if installed else None)
    found = Facts(
        __version__,
        installed=installed,
        is_outdated=installed is not None and running.is_outdated(installed),
        has_python=python is not None and python.is_file(),
        named=where.named is not None,
        is_interrupted=place.is_interrupted(),
        is_busy=place.is_busy() and not where.is_ours,
    )
    return _asked(found, where) if _server_id(where.state_dir) else found


def _server_id(state_dir: Path) -> int:
    """Return the process id of the server that runs here, 0 if none does."""
    try:
        info = read_connection_file(state_dir)
    except LivescapeError:
        return 0
    return info.pid if info is not None and process_alive(info.pid) else 0


def _asked(found: Facts, where: _Where) -> Facts:
    """Add what the server says of itself."""
    server = where.server.name if where.server else _server_id(where.state_dir)
    subject = (server, running.works_ended())
    if _watch.asked != subject:
        _watch.answer = _ask(where)
        if _watch.answer != (None, None):
            _watch.asked = subject
    answer, error = _watch.answer
    return replace(found, is_running=where.server is None, answer=answer, error=error)


def _ask(where: _Where) -> tuple[Answer | None, LivescapeError | None]:
    try:
        if where.server is not None:
            access: Any = remote.pairer(where.state_dir).access(where.server)
        else:
            access = find_server(where.state_dir)
            if access is None:  # its port is not open yet
                return None, None
        standing = remote.look_at(access)
    except LivescapeError as error:
        return None, error
    return Answer(standing.version, _device(standing.device), standing.free), None


def _device(name: str) -> str:
    return "CPU" if name.lower() == "cpu" else name


def python_of(context: bpy.types.Context) -> Path | None:
    """Return the backend's Python as it was found last."""
    named = named_python(context)
    if named is not None:
        return named
    where = running.place(context)
    installed = where.installed()
    return where.python(installed) if installed is not None else None
