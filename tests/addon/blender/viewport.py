"""Looks at what the viewport gets, through the same depsgraph, and at what renders get."""

from pathlib import Path

import bpy
import common
import numpy as np
from tests.addon import synthetic

common.enable()
folder = Path(common.arguments()["folder"])
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
scene = bpy.context.scene
camera = common.add_camera()
common.set_render(160, 90)
made = synthetic.scene(static=3000, pairs=500)
item = common.write_scene(made)
common.addon("render_setup.prepare").prepare(scene)
scene.frame_set(9)


def shown():
    """Return the corners [N, 4, 3], uv, colours and material that the viewport draws."""
    item.update_tag()
    bpy.context.view_layer.update()
    mesh = item.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    faces, vertices = len(mesh.polygons), len(mesh.vertices)
    values = {"corners": np.empty(vertices * 3, np.float32)}
    mesh.vertices.foreach_get("co", values["corners"])
    for name, kind, key, count in (
        ("gs_uv", "uv", "vector", 2 * vertices),
        ("gs_rgba", "rgba", "color", 4 * faces),
        ("gs_opacity", "opacity", "value", faces),
    ):
        if name not in mesh.attributes:  # tiles need no opacity
            values[kind] = np.zeros(count, np.float32)
            continue
        values[kind] = np.empty(count, np.float32)
        mesh.attributes[name].data.foreach_get(key, values[kind])
    slots = {polygon.material_index for polygon in mesh.polygons}
    materials = sorted(mesh.materials[slot].name for slot in slots)
    return values, [faces, vertices, materials]


def save(name):
    values, counts = shown()
    np.savez(folder / f"{name}.npz", **values)
    return counts


result = {"all": save("all"), "before": common.render(folder / "before")}
camera.location.x += 3.0
result["from elsewhere"] = save("elsewhere")
camera.location.x -= 3.0
item["livescape_viewport_splats"] = 1000
result["budget"] = save("budget")
result["budget render"] = common.render(folder / "budget_render")
item["livescape_viewport_splats"] = 1
result["least"] = save("least")[0]
item["livescape_viewport_splats"] = 5000
item["livescape_through_camera"] = 1
result["through"] = save("through")
item["livescape_viewport_splats"] = 1000
result["through budget"] = save("through_budget")
result["through render"] = common.render(folder / "through_render")
item["livescape_through_camera"] = 0
item["livescape_exact_viewport"] = True
result["exact"] = save("exact")
result["exact render"] = common.render(folder / "exact_render")
common.addon("generate.place").restore_object(scene, "Livescape")
result["kept"] = [item["livescape_viewport_splats"], item["livescape_exact_viewport"]]
item["livescape_exact_viewport"] = False
tree = item.modifiers["Livescape Billboards"].node_group
switch = next(
    node
    for node in tree.nodes
    if node.type == "SWITCH" and node.outputs[0].links[0].to_node.type == "GROUP_OUTPUT"
)
exact = switch.inputs["False"].links[0].from_socket
tree.links.new(exact, switch.outputs[0].links[0].to_socket)
result["without"] = common.render(folder / "without")
for socket in list(tree.interface.items_tree):
    if socket.name in (
        "Viewport Material",
        "Viewport Splats",
        "Exact in Viewport",
        "Viewport through Camera",
    ):
        tree.interface.remove(socket)  # as an object of an earlier version is
del item["livescape_viewport_splats"]
common.addon("generate.place").restore_object(scene, "Livescape")
result["renewed"] = [item["livescape_viewport_splats"], common.render(folder / "renewed")]


def viewports():
    """Every window and area of a 3D viewport."""
    return [
        (window, area)
        for window in bpy.context.window_manager.windows
        for area in window.screen.areas
        if area.type == "VIEW_3D"
    ]


def shadings():
    """What *Show in Viewport* makes of each viewport's shading."""
    found = []
    for window, area in viewports():
        shading = area.spaces.active.shading
        shading.type = "MATERIAL"
        shading.use_scene_lights = shading.use_scene_world = False
        shading.type = "SOLID"
        with bpy.context.temp_override(window=window, area=area):
            bpy.ops.livescape.show_in_viewport()
        found.append([shading.type, shading.use_scene_lights, shading.use_scene_world])
    return found


def looked():
    """How the viewports look, as told to the object, in every arrangement of them."""
    looking = common.addon("splats.looking")
    scene.camera = camera
    views = [area.spaces.active for _, area in viewports()]
    told = {"views": len(views)}

    def tell(name):
        looking.forget()
        told[name] = [looking.tell(scene), item["livescape_through_camera"]]

    for view in views:
        view.region_3d.view_perspective = "PERSP"
    tell("elsewhere")
    for view in views:
        view.region_3d.view_perspective = "CAMERA"
    tell("through")
    other = bpy.data.objects.new("Other", camera.data)
    scene.collection.objects.link(other)
    views[0].use_local_camera, views[0].camera = True, other
    tell("another camera")
    views[0].camera = camera
    tell("its own camera")
    views[0].use_local_camera = False
    views[0].region_3d.view_perspective = "ORTHO"
    tell("from above")
    return told


result["transparent nodes"] = [
    node.bl_idname
    for material in bpy.data.materials
    if material.get("livescape_part") == "viewport"
    for node in material.node_tree.nodes
    if "Transparent" in node.bl_idname or "Mix" in node.bl_idname
]
result["looked"] = looked()
result["shadings"] = shadings()
common.leave(result)
