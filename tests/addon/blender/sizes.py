"""How large objects and photos are: other units, photos on their side, photos of other shapes."""

from pathlib import Path

import bpy
import common
from job_common import pump, running, settings, shot
from tests.addon import synthetic

given = common.arguments()
root = Path(given["folder"])
scene = bpy.context.scene
result = {}


def extent(item):
    """Height of an object's Gaussians in metres."""
    bpy.context.view_layer.update()
    heights = [(item.matrix_world @ vertex.co).z for vertex in item.data.vertices]
    return (max(heights) - min(heights)) * bpy.context.scene.unit_settings.scale_length


def other_units():
    """Generate in metres, then in centimetres, then as the artist has scaled and animated it."""
    shot(root / "units.blend", root)
    made = synthetic.scene(static=100, pairs=20)
    units = bpy.context.scene.unit_settings
    found = []

    def generate():
        item = common.write_scene(made)
        found.append(extent(item))
        return item

    item = generate()
    for length in (0.01, 25.4, 1.0):
        units.scale_length = length
        generate()
    item.scale *= 2.0
    generate()
    units.scale_length = 0.1
    generate()
    item.keyframe_insert("scale", frame=1)
    units.scale_length = 0.01
    generate()
    bpy.context.scene.frame_set(2)
    found.append(extent(item))
    units.scale_length = 1.0
    bpy.data.objects.remove(item)
    generate()
    return found


def early_object():
    """An object of an earlier version does not say for which unit it was made."""
    shot(root / "early.blend", root)
    bpy.context.scene.unit_settings.scale_length = 0.1
    made = synthetic.scene(static=100, pairs=20)
    item = common.write_scene(made)
    wanted = extent(item)
    del item["livescape_unit"]
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    item = bpy.data.objects["Livescape"]
    bpy.context.scene.unit_settings.scale_length = 0.5
    common.write_scene(made)
    return [wanted, extent(item)]


def photos():
    """Sizes of the photos that the test wrote, the right way up."""
    look = common.addon("photo.looking").look_at
    return {path.name: look(path).size for path in sorted(Path(given["photos"]).iterdir())}


def requests():
    """The reference camera of a portrait in a landscape frame, for both choices."""
    shot(root / "portrait.blend", root)
    common.set_render(320, 180)
    settings(bpy.context.scene, root)
    group = bpy.context.scene.livescape
    group.photo = str(Path(given["photos"]) / "portrait.png")
    new = common.addon("generate.generation").new_generation
    found = {"size": common.addon("photo.looking").known(Path(group.photo)).size}
    for choice in ("CROP", "FIT"):
        group.frame = choice
        _, request = new(bpy.context)
        found[choice] = request.camera_path.reference.to_dict()
    found["frame"] = request.camera_path.cameras[0].to_dict()
    group.frame = "CROP"
    running.start(bpy.context)
    found["warned"] = " ".join(pump().warnings)
    return found


def needs():
    """What Generate says it takes, with more and with less than that at hand."""
    module = common.addon("generate.needs")
    shot(root / "needs" / "shot.blend", root)
    wanted = module.needed(bpy.context.scene)
    there = module.free(bpy.context)
    bpy.context.scene.livescape.photo = ""
    return {
        "said": module.sentence(wanted),
        "disk": there.disk,
        "enough": module.problems(wanted, module.Free(10**12, 10**12)),
        "unknown": module.problems(wanted, module.Free()),
        "full": module.problems(wanted, module.Free(None, 0)),
        "little": module.problems(wanted, module.Free(10**8, 10**7)),
        "without a photo": module.needed(bpy.context.scene),
    }


common.leave(
    {
        "needs": needs(),
        "units": other_units(),
        "early": early_object(),
        "photos": photos(),
        "requests": requests(),
    }
)
