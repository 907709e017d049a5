"""Imports files, exports what was generated and imported, and does what must be refused."""

import importlib.util
from pathlib import Path

import bpy
import common
from tests.addon import synthetic

common.enable()
given = common.arguments()
folder = Path(given["folder"])
scene = bpy.context.scene
result = {}


def refused(operator, **options):
    """Return the code and the sentence with which an operator gives up."""
    try:
        operator(**options)
    except RuntimeError as error:
        return [bpy.context.window_manager.livescape.error_code, str(error)]
    return ["nothing", ""]


def drawn(menu):
    """Return the operators that a menu lists by calls added to it."""
    return [function.__module__ for function in menu._dyn_ui_initialize()]


def read_means(item):
    """Return the means of an import in world space, from what it shows."""
    played = common.addon("exchange.played").PlayedObject(item)
    return played.at(scene.frame_current, bpy.context.evaluated_depsgraph_get()).gaussians.means


importing, exporting = bpy.ops.livescape.import_splats, bpy.ops.livescape.export_splats
result["menus"] = [drawn(bpy.types.TOPBAR_MT_file_import), drawn(bpy.types.TOPBAR_MT_file_export)]
result["unsaved"] = refused(importing, filepath=given["plain"])
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
result["nothing to export"] = refused(exporting, filepath=str(folder / "none.ply"))
for name in ("broken", "ascii", "empty", "missing", "foreign"):
    result[name] = refused(importing, filepath=given[name])


def inventory():
    """Return how many data-blocks of every kind there are, and how many caches."""
    kinds = ("objects", "meshes", "materials", "node_groups", "images", "collections", "texts")
    caches = folder / "livescape"
    return [*(len(getattr(bpy.data, kind)) for kind in kinds),
            len(list(caches.iterdir())) if caches.exists() else -1]  # fmt: skip


result["empty file"] = inventory()
building = common.addon("splats.build")
added, building._add_nodes_modifier = building._add_nodes_modifier, None
try:
    importing(filepath=given["plain"])
except Exception as error:
    result["fault"] = str(error)
building._add_nodes_modifier = added
result["left"] = inventory()

common.add_camera()
common.set_render(160, 90)
common.addon("render_setup.prepare").prepare(scene)
importing(filepath=given["plain"], axes="z_up")
plain = bpy.context.active_object
result["plain"] = [plain.name, list(plain.rotation_euler), common.render(folder / "plain")]
result["imported as"] = bpy.context.window_manager.livescape.note
importing(filepath=given["plain"], axes="y_down")
turned = bpy.context.active_object
result["names"] = [plain.name, turned.name]
result["caches"] = len(list((folder / "livescape").iterdir()))
bpy.data.objects.remove(plain)
result["turned"] = [turned.name, [list(row) for row in turned.matrix_world]]
bpy.data.objects.remove(turned)
for name in ("sog", "glb", "far"):
    before = len(bpy.data.images)
    importing(filepath=given[name])
    item = bpy.context.active_object
    result[name] = [read_means(item).tolist(), list(item.get("livescape_offset", []))]
    result[f"{name} note"] = bpy.context.window_manager.livescape.note
    result[f"{name} images"] = len(bpy.data.images) - before
    bpy.data.objects.remove(item)
importing(filepath=given["colored"], axes="z_up")
colored = bpy.context.active_object
colored.rotation_euler, colored.location, colored.scale = (0.1, 0.0, -0.3), (0.5, 1, 0), (2, 2, 2)
result["colored"] = [common.render(folder / "colored"), common.current_camera()]
exporting(filepath=str(folder / "colored.ply"), axes="z_up")
exporting(filepath=str(folder / "colored.spz"))
bpy.ops.wm.save_mainfile()
bpy.ops.livescape.rebuild()
result["rebuilt"] = common.render(folder / "rebuilt")
bpy.data.objects.remove(colored)

item = common.write_scene(synthetic.scene(static=400, pairs=100))
item.location, item.rotation_euler, item.scale = (0.5, -1, 0.25), (0.2, -0.3, 0.5), (1, 2, 0.5)
item.keyframe_insert("location", frame=5)
item.location = (1.5, -1, 0.25)
item.keyframe_insert("location", frame=10)
item["livescape_speed"] = 0.5
scene.frame_start, scene.frame_end, scene.frame_step = 6, 10, 2
scene.frame_set(7)
exporting(filepath=str(folder / "moving.ply"), frames="RANGE", axes="z_up")
result["matrices"] = {}
for frame in (6, 8, 10):
    scene.frame_set(frame)
    result["matrices"][frame] = [list(row) for row in item.matrix_world]
scene.frame_set(7)
exporting(filepath=str(folder / "now.ply"), axes="z_up")
result["frame after"] = scene.frame_current
exporting(filepath=str(folder / "small.compressed.ply"), frames="RANGE", axes="z_up")
exporting(filepath=str(folder / "small.glb"))
result["usd"] = [
    importlib.util.find_spec("pxr") is not None,
    refused(exporting, filepath=str(folder / "moving.usdc"), frames="RANGE"),
]
result["other name"] = refused(exporting, filepath=str(folder / "moving.obj"))
result["no folder"] = refused(exporting, filepath=str(folder / "shot.blend" / "x.ply"))
bpy.ops.object.select_all(action="DESELECT")
result["none selected"] = refused(exporting, filepath=str(folder / "x.ply"), selected_only=True)
result["files"] = sorted(path.name for path in folder.iterdir())
common.leave(result)
