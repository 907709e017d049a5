"""List and fetch the optional networks."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

from typing import Any

import bpy

from livescape_shared.errors import LivescapeError
from livescape_shared.sizes import size_text

from ..setting_up import running, watch
from ..setting_up.models import COMMERCIAL
from ..translations.words import iface
from ..ui.sections import draw_text
from .result import Result
from .set_up import DIALOG_CHARACTERS, DIALOG_WIDTH, Works


class LIVESCAPE_OT_list_models(Works):
    """Ask the backend for its networks."""

    bl_idname = "livescape.list_models"
    bl_label = "List"
    bl_description = "List the networks with size and licence"

    def execute(self, context: bpy.types.Context) -> Result:
        """Begin."""
        python = watch.python_of(context)
        if python is None:
            return self.refuse(_not_set_up())
        return self.begin(lambda: running.ask_models(python))


class LIVESCAPE_OT_fetch_model(Works):
    """Download one of the optional networks."""

    bl_idname = "livescape.fetch_model"
    bl_label = "Download"
    bl_description = "Download this network from its authors' page; its licence is shown first"

    name: bpy.props.StringProperty(name="Network", options={"SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Say what will come, and ask."""
        return context.window_manager.invoke_props_dialog(
            self,
            width=DIALOG_WIDTH,
            title=iface("Download a Network"),
            confirm_text=iface("Download"),
        )

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the dialog."""
        python = watch.python_of(context)
        listed = running.models(python) if python is not None else None
        for model in listed or ():
            if model.name == self.name:
                commercial = COMMERCIAL.get(model.commercial, model.commercial)
                for line in (
                    iface("{0}, {1}, from {2}", model.title, size_text(model.size), model.source),
                    iface("Licence {0}: {1}", model.licence, iface(commercial)),
                    model.description,
                ):
                    draw_text(self.layout, line, "NONE", DIALOG_CHARACTERS)

    def execute(self, context: bpy.types.Context) -> Result:
        """Begin."""
        python = watch.python_of(context)
        if python is None:
            return self.refuse(_not_set_up())
        return self.begin(lambda: running.ask_models(python, self.name))


def _not_set_up() -> LivescapeError:
    return LivescapeError(
        "backend_missing",
        "The Livescape backend is not set up.",
        hint="Press Set Up at the top of the Livescape panel.",
    )


CLASSES: tuple[Any, ...] = (LIVESCAPE_OT_list_models, LIVESCAPE_OT_fetch_model)
