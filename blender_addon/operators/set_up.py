"""Set the backend up, cancel that, remove it; look at its log."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import bpy

from livescape_shared.errors import LivescapeError
from livescape_shared.sizes import size_text

from ..generate import early_server, local_server
from ..generate.details import details_of
from ..setting_up import running, watch
from ..setting_up.machine import this_machine
from ..setting_up.plan import plan_for
from ..translations.words import iface, rpt
from ..ui.sections import draw_text
from .result import Result, concluded

DIALOG_WIDTH = 420
DIALOG_CHARACTERS = 62


class Works(bpy.types.Operator):
    """Begins a work that goes on by itself, one at a time."""

    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """One thing at a time."""
        cls.poll_message_set(rpt("The backend is being set up or removed already"))
        return running.current() is None

    def begin(self, begin: Callable[[], None]) -> Result:
        """Begin a work; a script without windows waits for it."""
        try:
            begin()
        except LivescapeError as error:
            return self.refuse(error)
        if not bpy.app.background:
            return {"FINISHED"}
        return concluded(self, running.wait())

    def refuse(self, error: LivescapeError) -> Result:
        """Say why not."""
        self.report({"ERROR"}, rpt(str(error)))
        return {"CANCELLED"}


class LIVESCAPE_OT_set_up(Works):
    """Install the backend into a folder of its own."""

    bl_idname = "livescape.set_up"
    bl_label = "Set Up"
    bl_description = (
        "Install what computes the scenes into a folder of the add-on. Size and licences are shown "
        "first; Blender's own Python is left alone"
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Say what will come, and ask."""
        watch.facts(context)
        return context.window_manager.invoke_props_dialog(
            self,
            width=DIALOG_WIDTH,
            title=iface("Set Up the Livescape Backend"),
            confirm_text=iface("Set Up"),
        )

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the dialog."""
        layout, own = self.layout, running.preferences(context)
        machine, wishes = watch.machine(), running.wishes(context)
        is_refused = not wishes.is_online and wishes.wheels is None
        shown = replace(wishes, is_online=True) if is_refused else wishes
        plan = plan_for(machine or this_machine(ask_driver=False), shown)
        column = layout.column(align=True)
        download, disk = size_text(plan.download), size_text(plan.disk)
        arrives = iface("about {0}", download) if plan.download else iface("nothing")
        column.label(text=iface("Computes on: {0}", iface(plan.device)), icon="MEMORY")
        column.label(text=iface("To download: {0}", arrives), icon="IMPORT")
        column.label(text=iface("On the disk: about {0}", disk), icon="DISK_DRIVE")
        source, target = iface("From {0}", iface(plan.source)), running.place(context).root
        draw_text(column, source, "URL", DIALOG_CHARACTERS)
        draw_text(column, iface("To {0}", target), "FILE_FOLDER", DIALOG_CHARACTERS)
        if is_refused:
            text = "Blender's online access is off. Allow it, or choose a folder of wheels."
            warned = layout.column()
            warned.alert = True
            draw_text(warned, text, "ERROR", DIALOG_CHARACTERS)
            text = iface("Allow Online Access")
            layout.operator("extensions.userpref_allow_online", text=text, icon="INTERNET")
        box = layout.box()
        box.label(text=iface("Licences"))
        for line in plan.licences:
            draw_text(box, line, "NONE", DIALOG_CHARACTERS)
        choices = layout.column()
        choices.use_property_split = True
        if machine is not None and machine.card:
            choices.prop(own, "use_card")
        choices.prop(own, "networks")
        choices.prop(own, "wheel_folder")

    def execute(self, context: bpy.types.Context) -> Result:
        """Begin."""
        return self.begin(lambda: running.set_up(context))


class LIVESCAPE_OT_remove_backend(Works):
    """Remove what was set up."""

    bl_idname = "livescape.remove_backend"
    bl_label = "Remove"
    bl_description = "Delete the backend that was set up here. Scenes and networks stay"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Ask first."""
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> Result:
        """Begin."""
        early_server.stop()
        local_server.let_go()
        return self.begin(lambda: running.remove(context))


class LIVESCAPE_OT_cancel_set_up(bpy.types.Operator):
    """End what is being set up; what was there before stays in use."""

    bl_idname = "livescape.cancel_set_up"
    bl_label = "Cancel"
    bl_description = "Stop. What was there before stays in use, and what has arrived is kept"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while something goes on."""
        cls.poll_message_set(rpt("Nothing is being set up"))
        return running.current() is not None

    def execute(self, context: bpy.types.Context) -> Result:
        """Ask for the end."""
        running.cancel()
        return {"FINISHED"}


class LIVESCAPE_OT_open_log(bpy.types.Operator):
    """Open a log with the program that the system has for text."""

    bl_idname = "livescape.open_log"
    bl_label = "Open Log"
    bl_description = "Open the log as a text file"
    bl_options = {"INTERNAL"}

    log: bpy.props.EnumProperty(
        items=[("SETUP", "Set Up", ""), ("WORK", "Last Work", ""), ("SERVER", "Server", "")],
        options={"SKIP_SAVE"},
    )

    def execute(self, context: bpy.types.Context) -> Result:
        """Open it."""
        if self.log == "SERVER":
            path = local_server.log_file()
        else:
            path = running.place(context).log if self.log == "SETUP" else running.last_log(context)
        if not path.is_file():
            self.report({"INFO"}, rpt("There is no log yet"))
            return {"CANCELLED"}
        if not bpy.app.background:  # a script has nobody to show it to
            bpy.ops.wm.path_open(filepath=str(path))
        self.report({"INFO"}, rpt(f"The log is {path}"))
        return {"FINISHED"}


class LIVESCAPE_OT_copy_set_up(bpy.types.Operator):
    """Copy the error of the last work, the versions and the end of the log."""

    bl_idname = "livescape.copy_set_up"
    bl_label = "Copy Details"
    bl_description = (
        "Copy the error, the versions and the end of the log to the clipboard, without the names "
        "of your folders"
    )
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Copy them."""
        outcome = running.outcome()
        error = outcome.error if outcome is not None else None
        said = f"{error.code}: {error}" if error is not None else ""
        context.window_manager.clipboard = details_of(said, running.last_log(context))
        self.report({"INFO"}, rpt("The details are in the clipboard"))
        return {"FINISHED"}


CLASSES: tuple[Any, ...] = (
    LIVESCAPE_OT_set_up,
    LIVESCAPE_OT_cancel_set_up,
    LIVESCAPE_OT_remove_backend,
    LIVESCAPE_OT_open_log,
    LIVESCAPE_OT_copy_set_up,
)
