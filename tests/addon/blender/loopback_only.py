"""Walks through all that needs a server, with online access off; hands back how each step ended."""

import json
import os
from pathlib import Path

import bpy
import common

given = common.arguments()
root = Path(given["folder"])
common.enable()
scene, ops = bpy.context.scene, bpy.ops.livescape
scene.frame_start, scene.frame_end = 1, 4
bpy.ops.wm.save_as_mainfile(filepath=str(root / "shot.blend"))
scene.livescape.preset = "draft"
for name, value in given["settings"].items():
    setattr(scene.livescape, name, value)

steps = {
    "photo": lambda: ops.choose_photo(filepath=given["photo"]),
    "match": lambda: ops.match_camera(longest=160),
    "move": lambda: ops.add_move(kind="DOLLY"),
    "check": ops.check_move,
    "draw": lambda: ops.draw_motion(kind="FLOW", points="300,600 500,610 700,620"),
    "preview": ops.preview_motion,
    "regions": ops.sky_and_water,
    "generate": ops.generate,
    "prepare": ops.prepare_render,
    "render": bpy.ops.render.render,
    "collect": lambda: ops.collect_for_farm(directory=str(root / "farm")),
}
done = {}
for name, step in steps.items():
    try:
        done[name] = sorted(step())
    except RuntimeError as error:
        done[name] = str(error)


def is_guarded(process):
    """Whether a process has loaded what refuses sockets."""
    return os.environ["LD_PRELOAD"] in Path(f"/proc/{process}/maps").read_text()


server = json.loads((Path(os.environ["LIVESCAPE_STATE_DIR"]) / "server/server.json").read_text())
common.leave(
    {
        "online": bpy.app.online_access,
        "guarded": [is_guarded(os.getpid()), is_guarded(server["pid"])],
        "done": done,
    }
)
