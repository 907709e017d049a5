"""What an operator returns, and how it refuses."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import bpy

from livescape_shared.errors import LivescapeError

from ..generate import status
from ..properties import state_of

Result: TypeAlias = set[
    Literal["RUNNING_MODAL", "CANCELLED", "FINISHED", "PASS_THROUGH", "INTERFACE"]
]
"""As Blender's type checker knows it."""


def refused(operator: bpy.types.Operator, context: Any, error: LivescapeError) -> Result:
    """Say why nothing was done, in the panel and to a script, and return what that is."""
    status.failed(state_of(context), error)
    operator.report({"ERROR"}, str(error))
    return {"CANCELLED"}
