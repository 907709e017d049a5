"""What an operator may return, as Blender's type checker knows it."""

from __future__ import annotations

from typing import Literal, TypeAlias

Result: TypeAlias = set[
    Literal["RUNNING_MODAL", "CANCELLED", "FINISHED", "PASS_THROUGH", "INTERFACE"]
]
