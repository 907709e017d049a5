"""What an operator returns, and how it refuses."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any, Literal, TypeAlias

import bpy

from livescape_shared.errors import LivescapeError

from ..exchange.imported import Import
from ..generate import status
from ..properties import state_of
from ..servers.tasks import Outcome
from ..translations.words import rpt

Result: TypeAlias = set[
    Literal["RUNNING_MODAL", "CANCELLED", "FINISHED", "PASS_THROUGH", "INTERFACE"]
]
"""As Blender's type checker knows it."""


def refused(
    operator: bpy.types.Operator, context: Any, error: LivescapeError, details: str = ""
) -> Result:
    """Say why nothing was done, in the panel and to a script, and return what that is.

    Args:
        operator: What was to do it.
        context: Of Blender.
        error: Why.
        details: What *Copy Details* copies besides.
    """
    status.failed(state_of(context), error, details)
    operator.report({"ERROR"}, rpt(str(error)))
    return {"CANCELLED"}


def broken(operator: bpy.types.Operator, context: Any, error: Exception) -> Result:
    """As :func:`refused`, while an exception is handled that nobody expected."""
    return refused(operator, context, status.fault(error), traceback.format_exc())


def chosen_file(filepath: str) -> Path:
    """Return the file that a dialog, or a script, has named.

    Raises:
        LivescapeError: ``file_not_chosen``.
    """
    path = Path(bpy.path.abspath(filepath))
    if not filepath or path.name in ("", ".."):
        raise LivescapeError(
            "file_not_chosen", "No file is chosen.", hint="Choose a file, or give its path."
        )
    return path


def concluded(operator: bpy.types.Operator, outcome: Outcome) -> Result:
    """Report how something went that was waited for, and return what that is."""
    if outcome.error is not None:
        operator.report({"ERROR"}, rpt(outcome.text))
        return {"CANCELLED"}
    operator.report({"INFO"}, rpt(outcome.text or "Done"))
    return {"FINISHED"}


def imported_as(operator: bpy.types.Operator, found: Import) -> Result:
    """Report what became of a file or of Blender's own splats."""
    is_less = found.dropped or found.plain or found.missing
    operator.report({"WARNING" if is_less else "INFO"}, rpt(str(found)))
    return {"FINISHED"}
