"""Writes the page: template, player, viewer and scene in one file that needs nothing else."""

from __future__ import annotations

import base64
import gzip
import html
import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

from livescape.deform.living_scene import LivingScene
from livescape.output.page.payload import payload
from livescape.output.page.viewer import Viewer, load_viewer, viewer_folder
from livescape_shared.camera import Camera
from livescape_shared.files import whole_file

_PACKING: Final = 6


def is_page(path: Path) -> bool:
    """Return whether a name is that of a page."""
    return path.suffix.lower() in (".html", ".htm")


def write_page(
    path: Path, scene: LivingScene, cameras: Sequence[Camera], viewer: Viewer | None = None
) -> Path:
    """Write a page that plays ``scene`` along its camera path, and lets one look around.

    Args:
        path: The file.
        scene: The scene.
        cameras: One of each frame, the first at the scene's start frame.
        viewer: By default, the one on this machine.

    Returns:
        ``path``.

    Raises:
        LivescapeError: ``viewer_missing``, ``viewer_changed``, ``disk_full`` or
            ``output_not_writable``.
    """
    viewer = viewer or load_viewer(viewer_folder())
    here = files("livescape.output.page")
    modules = {**viewer.modules, "livescape": (here / "player.js").read_text(encoding="utf-8")}
    page = (here / "template.html").read_text(encoding="utf-8")
    filled = {
        "TITLE": html.escape(path.stem),
        "LICENCES": html.escape(viewer.licences),
        "MODULES": json.dumps({name: _text(code.encode()) for name, code in modules.items()}),
        "SCENE": _text(payload(scene, cameras)),
    }
    for name, text in filled.items():
        page = page.replace(f"@@{name}@@", text)
    with whole_file(path) as partial:
        partial.write_text(page, encoding="utf-8")
    return path


def _text(data: bytes) -> str:
    return base64.b64encode(gzip.compress(data, _PACKING, mtime=0)).decode("ascii")
