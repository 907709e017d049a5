"""The one error of files that hold no annotation that can be read."""

from __future__ import annotations

from livescape_shared.errors import LivescapeError


def invalid(message: str) -> LivescapeError:
    """Return ``annotation_invalid``."""
    hint = "Save it again as labelme or COCO JSON, or as a grey PNG that is bright where it moves."
    return LivescapeError("annotation_invalid", message, hint=hint)
