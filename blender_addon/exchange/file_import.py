"""A splat file of another program on its way into a scene."""

from __future__ import annotations

from typing import Any

import bpy
from mathutils import Matrix

from livescape_shared.formats.load import to_blender
from livescape_shared.recentring import NO_OFFSET

from .file_steps import FileSteps, Wanted
from .imported import OFFSET, free_name
from .on_main import OnMain
from .pictures import decode_by_blender
from .scene_import import SceneImport


class FileImport(SceneImport):
    """A file on its way into a scene.

    Args:
        scene: Gets the object.
        wanted: What to import.
    """

    undo_name = "Import Splats"

    def __init__(self, scene: bpy.types.Scene, wanted: Wanted) -> None:
        on_main = OnMain()

        def decode(data: bytes) -> Any:
            return decode_by_blender(data, on_main.call)

        def name_for(name: str) -> str:
            return on_main.call(lambda: free_name(self.scene(), name))

        self._files = FileSteps(wanted, decode, name_for)
        super().__init__(scene, wanted.path.name, self._files, on_main, wanted.root)

    def adapt(self, scene: bpy.types.Scene, item: bpy.types.Object) -> None:
        """Turn the object so that the file's axes stand upright."""
        first = self.content.first
        item.rotation_euler = Matrix(to_blender(first, self._files.axes)).to_euler()
        if first.offset != NO_OFFSET:
            item[OFFSET] = list(first.offset)
