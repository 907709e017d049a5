"""Pair with a server on another machine, look at it, choose it, forget it."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy

from livescape_shared.connection import default_state_dir
from livescape_shared.counted import counted
from livescape_shared.errors import LivescapeError
from livescape_shared.remote.access import Access
from livescape_shared.remote.invitation import SCHEME, SUFFIX, Invitation
from livescape_shared.remote.servers import PairedServer
from livescape_shared.sizes import size_text

from ..bridge import remote
from ..bridge.events import unreachable
from ..bridge.launcher import find_server
from ..redraw import redraw_panels
from ..servers import choice, known, tasks
from ..translations.words import iface, rpt
from .result import Result, chosen_file, concluded

LINE_FIELD_WIDTH = 600


class _OnServers(bpy.types.Operator):
    def _refuse(self, error: LivescapeError) -> Result:
        self.report({"ERROR"}, rpt(str(error)))
        return {"CANCELLED"}

    def _ask(self, about: str, call: Callable[[], Any], told: Callable[[Any], str]) -> Result:
        """Begin a task; a script without windows waits for it."""
        tasks.begin(about, call, told)
        if not bpy.app.background:
            return {"FINISHED"}
        return concluded(self, tasks.wait(about))

    def _pair(self, invitation: Invitation) -> Result:
        choice.check_allowed(invitation.place)
        state_dir = default_state_dir()

        def told(server: PairedServer) -> str:
            return f"Paired with {server}"

        return self._ask(tasks.ADDING, lambda: remote.pair(invitation, state_dir), told)


class LIVESCAPE_OT_add_server(_OnServers):
    """Pair with a server by the line that it prints."""

    bl_idname = "livescape.add_server"
    bl_label = "Add Server"
    bl_description = "Pair with a server on another computer by the line of its `livescape pair`"
    bl_options = {"INTERNAL"}

    line: bpy.props.StringProperty(
        name="Line",
        description="The whole line, which begins with livescape://",
        options={"SKIP_SAVE"},
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Ask for the line, which may be in the clipboard already."""
        copied = context.window_manager.clipboard.strip()
        self.line = copied if copied.startswith(SCHEME) else ""
        return context.window_manager.invoke_props_dialog(self, width=LINE_FIELD_WIDTH)

    def execute(self, context: bpy.types.Context) -> Result:
        """Pair."""
        try:
            return self._pair(Invitation.parse(self.line))
        except LivescapeError as error:
            return self._refuse(error)


class LIVESCAPE_OT_add_server_file(_OnServers):
    """Pair with a server by the file that it writes."""

    bl_idname = "livescape.add_server_file"
    bl_label = "Add Server from File"
    bl_description = f"Pair with a server on another computer by a {SUFFIX} file"
    bl_options = {"INTERNAL"}

    filepath: bpy.props.StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: bpy.props.StringProperty(default=f"*{SUFFIX}", options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Ask for the file."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Pair."""
        try:
            return self._pair(Invitation.read(chosen_file(self.filepath)))
        except LivescapeError as error:
            return self._refuse(error)


class _OnOneServer(_OnServers):
    name: bpy.props.StringProperty(
        name="Server",
        description="Name of a paired server; empty for this computer",
        options={"SKIP_SAVE"},
    )


class LIVESCAPE_OT_test_server(_OnOneServer):
    """Ask a server how it is."""

    bl_idname = "livescape.test_server"
    bl_label = "Test"
    bl_description = "Connect, and say what the server computes on, its memory and its version"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Ask."""
        try:
            return self._ask(self.name, self._call(), said)
        except LivescapeError as error:
            return self._refuse(error)

    def _call(self) -> Callable[[], remote.Standing]:
        state_dir = default_state_dir()
        if self.name:
            server = choice.allowed_server(self.name)
            return lambda: remote.look_at(remote.pairer(state_dir).access(server))

        def here() -> remote.Standing:
            access: Access | None = find_server(state_dir)
            if access is None:
                raise unreachable()
            return remote.look_at(access)

        return here


def said(standing: remote.Standing) -> str:
    """Return what to show of a server that has answered."""
    waiting = standing.waiting
    parts = [
        standing.device or iface("its device is not known before the first scene"),
        iface("{0} free", size_text(standing.free)) if standing.free else "",
        iface(counted(waiting, "{0} job", "{0} jobs"), waiting) if waiting else "",
        f"Livescape {standing.version}",
        iface("answers in {0} ms", f"{standing.round_trip_s * 1000.0:.0f}"),
    ]
    text = ", ".join(part for part in parts if part)
    return text[:1].upper() + text[1:]


class LIVESCAPE_OT_use_server(_OnOneServer):
    """Let Generate use a server."""

    bl_idname = "livescape.use_server"
    bl_label = "Use Server"
    bl_description = "Let Generate compute on this server"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Choose it."""
        try:
            choice.choose(context, self.name)
        except LivescapeError as error:
            return self._refuse(error)
        redraw_panels()
        return {"FINISHED"}


class LIVESCAPE_OT_remove_server(_OnOneServer):
    """Forget a server."""

    bl_idname = "livescape.remove_server"
    bl_label = "Remove Server"
    bl_description = "Forget this server. To use it again, pair with it again"
    bl_options = {"INTERNAL"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Ask first."""
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> Result:
        """Forget it."""
        servers = known.store()
        try:
            servers.remove(servers.named(self.name))
            if choice.chosen_name(context) == self.name:
                choice.choose(context, "")
        except LivescapeError as error:
            return self._refuse(error)
        tasks.forget(self.name)
        redraw_panels()
        return {"FINISHED"}


CLASSES = (
    LIVESCAPE_OT_add_server,
    LIVESCAPE_OT_add_server_file,
    LIVESCAPE_OT_test_server,
    LIVESCAPE_OT_use_server,
    LIVESCAPE_OT_remove_server,
)
