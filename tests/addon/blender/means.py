"""Plays a scene as means and as control points, from a cache of version 2, and from duplicates."""

from pathlib import Path

import bpy
import common
import numpy as np
from tests.addon import synthetic

common.enable()
folder = Path(common.arguments()["folder"])
scene = bpy.context.scene
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
common.add_camera()
common.set_render(160, 90)
objects, place = common.addon("splats.object"), common.addon("generate.place")
cache_folder = common.addon("cache.cache_folder")
MOMENTS = ((8, 0.0), (13, 0.5), (21, 0.25), (34, 0.5))
result = {}


def hidden_of(item):
    """Return the names of the objects that hold the quads."""
    return [part.name for part in objects.SplatObject(item).hidden_parts]


def images(name):
    """Render every moment; 21.25 and 34.5 lie in an odd loop, in which copies are exchanged."""
    found = []
    for frame, subframe in MOMENTS:
        scene.frame_set(frame, subframe=subframe)
        found.append(common.render(folder / f"{name}_{frame}"))
    return found


def exported(item):
    """Return what an export of the moving object writes at frame 9."""
    scene.frame_set(9)
    path = folder / "exported.ply"
    bpy.ops.object.select_all(action="DESELECT")
    item.select_set(True)
    bpy.ops.livescape.export_splats(filepath=str(path), selected_only=True)
    return path.rename(folder / f"exported_{len(list(folder.glob('exported_*')))}.ply")


def played_places(item):
    """Return the vertices that the cache has moved, before nodes."""
    modifier = objects.SplatObject(item).nodes_modifier
    modifier.show_viewport = False
    mesh = item.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    flat = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", flat)
    modifier.show_viewport = True
    return flat.reshape(-1, 3)


def blocks():
    """Return how many data-blocks there are."""
    return [len(each) for each in (bpy.data.objects, bpy.data.meshes, bpy.data.node_groups)]


item = common.write_scene(synthetic.scene())
common.addon("render_setup.prepare").prepare(scene)
result["children"] = hidden_of(item)
result["vertices"] = [len(item.data.vertices), len(item.data.polygons)]
result["means"] = images("means")
result["exported"] = [str(exported(item))]
reach = common.addon("render_setup.clipping").reaches
result["reach"] = [max(reach(scene).values())]
before = blocks()
bpy.context.view_layer.objects.active = item
bpy.ops.livescape.rebuild()
result["rebuilt"] = blocks() == before

bpy.ops.object.select_all(action="DESELECT")
item.select_set(True)
bpy.ops.object.duplicate()
copy = bpy.context.active_object
copy["livescape_start"] += 3
scene.frame_set(10)
own = played_places(item)
late = played_places(copy)
scene.frame_set(7)
result["duplicate"] = bool(np.array_equal(played_places(item), late) and not (own == late).all())
result["copy's quads"] = objects.SplatObject(copy).moving.name
bpy.data.batch_remove([copy.data, copy])

deforming = common.write_cache(synthetic.scene(deforms=True))
result["bytes"] = [
    (each / "moving.pc2").stat().st_size
    for each in (cache_folder.played_folder(objects.SplatObject(item)), deforming)
]
item = place.place_object(scene, deforming, "Livescape")
result["children of control points"] = hidden_of(item)
result["control points"] = images("points")
result["exported"].append(str(exported(item)))
result["reach"].append(max(reach(scene).values()))

common.make_early(deforming, synthetic.scene(deforms=True), version=2)
early = place.rebuild_object(scene, objects.SplatObject(item))
found = common.addon("cache.check").cache_problem(objects.SplatObject(early))
result["early"] = [found.code if found else "", len(early.data.vertices)]
result["early images"] = images("early")
of_version_3 = common.write_cache(synthetic.scene())
common.make_early(of_version_3, synthetic.scene())
place.place_object(scene, of_version_3, "Livescape")
result["PLY files"] = images("ply")
item = common.write_scene(synthetic.scene())
result["renewed"] = [len(item.data.vertices), blocks() == before]
common.leave(result)
