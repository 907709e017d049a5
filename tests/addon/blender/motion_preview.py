"""Lets the photo move, and starts from sky and water, as a script does."""

import json
from pathlib import Path

import bpy
import common
import numpy as np

given = common.arguments()
root = Path(given["folder"])
common.enable()
scene, ops = bpy.context.scene, bpy.ops.livescape
preview, outcome = common.addon("motion.preview"), common.addon("motion.outcome")
strokes_of = common.addon("motion.strokes")
common.set_render(160, 120)
common.add_camera((0, 0, 1.7))
scene.livescape.photo = given["photo"]
bpy.context.view_layer.update()


def told():
    """What the backend would be told of the drawing."""
    plan = common.addon("motion.request").plan_of(
        scene, bpy.context.evaluated_depsgraph_get(), "motion"
    )
    return json.loads(plan.hints)


def said(call):
    try:
        return sorted(call())
    except RuntimeError as error:
        return str(error)


result = {}
ops.draw_motion(kind="MOVES", points="5,90 155,90 155,115 5,115")
ops.draw_motion(kind="FLOW", points="140,100 80,101 20,100", speed=10.0)
result["outcome"] = said(ops.preview_motion)
shown = preview.shown_in(scene)
images, mask = shown.photo.images, shown.photo.mask > 0
changed = np.abs(images.astype(int) - images[0]).max(axis=(0, 3))
result["images"] = list(images.shape)
result["pixels"] = list(shown.pixels.shape)
result["changed_outside"] = int(changed[~mask].max())
result["changed_inside"] = float((changed[mask] > 0).mean())
result["flow"] = shown.photo.flow[int(100 / 120 * mask.shape[0]), mask.shape[1] // 2].tolist()
ops.draw_motion(kind="STANDS", points="-9,-9 169,-9 169,129 -9,129")
result["pinned"] = [said(ops.preview_motion), len(preview.shown_in(scene).photo.images)]
ops.stop_preview()
result["stopped"] = preview.shown_in(scene) is None
ops.remove_stroke()
before = len(bpy.data.objects)
result["regions"] = said(ops.sky_and_water)
result["names"] = sorted(item.name for item in strokes_of.stroke_objects(scene))
result["region_labels"] = sorted({shape["label"] for shape in told()["shapes"]})
result["added"] = len(bpy.data.objects) - before
result["area"] = sum(
    common.addon("motion.shapes").area(np.array(shape["points"])) for shape in told()["shapes"]
)
scene.livescape.photo = str(root / "nowhere.png")
result["no_photo"] = said(ops.preview_motion)
result["problem"] = outcome.problem().code
common.leave(result)
