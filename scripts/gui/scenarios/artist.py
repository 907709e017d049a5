"""From an empty file towards a shot: photo, matched camera, a ready-made move, drawn motion."""

from __future__ import annotations

from typing import Any

import bpy as blender
from rig import Rig, Steps

bpy: Any = blender  # its stubs know no add-ons


def run(rig: Rig) -> Steps:
    """Play."""
    yield from rig.empty_shot(frames=48)
    scene = bpy.context.scene
    yield 1.0
    rig.shot("artist_1_empty")

    rig.settings.photo = rig.arguments["photo"]
    yield from rig.until(lambda: tuple(rig.settings.photo_size) != (0, 0), seconds=20.0)
    with rig.override():
        bpy.ops.livescape.match_camera()
        bpy.ops.view3d.view_camera()
    yield 2.0
    rig.shot("artist_2_matched")

    with rig.override():
        bpy.ops.livescape.add_move(kind="DOLLY")
    rig.facts["keys"] = scene.camera.animation_data is not None
    assert rig.facts["keys"]
    yield 1.0
    rig.shot("artist_3_move")

    # A stroke by hand: the pointer is pressed, dragged and released in the picture.
    with rig.override():
        bpy.ops.livescape.draw_motion("INVOKE_DEFAULT", kind="FLOW")
    yield 0.5
    x, y = rig.middle()
    rig.drag((x - 60, y + 90), (x + 60, y + 100))
    yield 0.5
    rig.key("Return")
    yield 1.0
    strokes = [item.name for item in bpy.data.objects if item.type == "CURVE"]
    rig.facts["strokes"] = strokes
    assert len(strokes) == 1, strokes
    rig.shot("artist_4_stroke")

    with rig.override():
        bpy.ops.livescape.preview_motion("INVOKE_DEFAULT")
    yield 20.0
    rig.shot("artist_5_preview")
