"""Renders an object as Blender's own splats, where Blender has them."""

from pathlib import Path

import bpy
import common
import stage
from tests.addon import synthetic

SAMPLES = 64

common.enable()
given = common.arguments()
folder = Path(given["folder"])
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
if not common.addon("compat").HAS_NATIVE_SPLATS:
    common.leave({"available": False})
scene = bpy.context.scene
common.add_camera()
common.set_render()
item = common.write_scene(synthetic.scene(static=300, pairs=100))
stage.use_engine(given["engine"])
bpy.context.view_layer.objects.active = item
bpy.ops.livescape.switch_native()
scene.cycles.samples = scene.eevee.taa_render_samples = SAMPLES
scene.frame_set(9)
evaluated = item.evaluated_get(bpy.context.evaluated_depsgraph_get()).evaluated_geometry()
common.leave(
    {
        "available": True,
        "type": evaluated.pointcloud.type,
        "native": common.render(folder / "native"),
        "camera": common.current_camera(),
        "place": [list(row) for row in item.matrix_world],
    }
)
