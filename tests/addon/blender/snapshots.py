"""Every state of the panels and every node tree, as text."""

from pathlib import Path
from types import SimpleNamespace

import bpy
import common
import numpy as np
from recorded_layout import Recorded
from tests.addon import synthetic

from livescape_shared.errors import LivescapeError

PLAIN = {"ENUM", "BOOLEAN", "INT", "FLOAT", "STRING"}
FOLDER = Path(common.arguments()["folder"])


before = {}
"""What each panel showed in the state before."""


def drawn():
    """What the panels show now, those that show nothing left out."""
    shown = []
    for panel in common.addon("ui").CLASSES:
        if not issubclass(panel, bpy.types.Panel):
            continue
        if not hasattr(panel, "poll") or panel.poll(bpy.context):
            layout = Recorded()
            panel.draw(SimpleNamespace(layout=layout), bpy.context)
            lines = layout.text(1)
            is_same = before.get(panel.__name__) == lines
            shown += [f"[{panel.bl_label}]", *(["  as before"] if is_same else lines)]
            before[panel.__name__] = lines
    return "\n".join(shown).replace(str(FOLDER), "FOLDER")


def preferences():
    """What the preferences show."""
    own = bpy.context.preferences.addons[common.MODULE].preferences
    own.show_own = own.show_models = True
    layout = Recorded()
    common.addon("ui.backend_section").draw(layout, bpy.context)
    common.addon("ui.servers").draw_list(layout, bpy.context)
    return "\n".join(layout.text())


def value_of(value):
    """A value as text that is the same on every machine."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if hasattr(value, "__len__") and not isinstance(value, str):
        return "(" + ", ".join(f"{each:.6g}" for each in value) + ")"
    return repr(value)


def settings_of(node):
    """What is set on a node besides what all nodes have."""
    common_ones = set(bpy.types.Node.bl_rna.properties.keys())
    for each in node.bl_rna.properties:
        plain = each.type in PLAIN and not each.is_readonly
        if plain and each.identifier not in common_ones:
            value = getattr(node, each.identifier)
            is_array = getattr(each, "is_array", False)
            default = each.default_array if is_array else each.default
            if value_of(value) != value_of(default):
                yield f"{each.identifier}={value_of(value)}"


def plain_inputs(node):
    """The values of inputs that nothing is linked to, by place."""
    values = {}
    for index, socket in enumerate(node.inputs):
        if not socket.is_linked and socket.enabled and hasattr(socket, "default_value"):
            value = socket.default_value
            if value is not None and not isinstance(value, bpy.types.ID):
                values[index] = f"{socket.name}={value_of(value)}"
    return values


def inputs_of(node, blank):
    """The values of inputs that differ from those of a new node."""
    new = plain_inputs(blank.nodes.new(node.bl_idname))
    return [text for place, text in plain_inputs(node).items() if new.get(place) != text]


def end(node, socket, sockets):
    """One end of a link: the socket's name, and its place where several have that name."""
    alike = [each for each in sockets if each.name == socket.name and each.enabled]
    place = f"#{alike.index(socket)}" if len(alike) > 1 and socket in alike else ""
    return f"{node.name}.{socket.name}{place}"


def tree_text(tree):
    """Sockets, nodes and links of a tree."""
    lines = []
    for item in tree.interface.items_tree if tree.interface else ():
        default = getattr(item, "default_value", None)
        plain = "" if default is None or isinstance(default, bpy.types.ID) else value_of(default)
        lines.append(f"{item.in_out.lower()} {item.name} {item.socket_type} {plain}".rstrip())
    blank = bpy.data.node_groups.new("Blank", tree.bl_idname)
    for node in tree.nodes:
        words = [node.bl_idname, *([f"'{node.label}'"] if node.label else [])]
        words += [*settings_of(node), *inputs_of(node, blank)]
        lines.append(" ".join([f"{node.name}:", *words]))
    bpy.data.node_groups.remove(blank)
    links = [
        f"{end(link.from_node, link.from_socket, link.from_node.outputs)} -> "
        f"{end(link.to_node, link.to_socket, link.to_node.inputs)}"
        for link in tree.links
    ]
    return "\n".join(lines + sorted(links))


def trees():
    """All trees that the add-on makes."""
    billboard = common.addon("splats.billboard").billboard_group
    viewport = common.addon("splats.viewport")
    return {
        "billboards of quads": tree_text(billboard()),
        "billboards of means, harmonics of degree 1": tree_text(billboard(1, means_alone=True)),
        "material of Gaussians": tree_text(
            common.addon("splats.material").gaussian_material().node_tree
        ),
        "material of viewports": tree_text(viewport.viewport_material().node_tree),
        "depth pass": tree_text(common.addon("compositing.depth_pass").depth_group(1.0)),
        "sRGB compositing": tree_text(common.addon("compositing.exact_srgb").srgb_group()),
    }


def panels():
    """All states of the panels."""
    scene = bpy.context.scene
    status, state = common.addon("generate.status"), bpy.context.window_manager.livescape
    yield "all is missing", drawn()
    camera = common.add_camera()
    photo = common.write_noise(FOLDER / "photo.png")
    scene.frame_start, scene.frame_end = 1, 24
    bpy.ops.wm.save_as_mainfile(filepath=str(FOLDER / "shot.blend"))
    scene.livescape.photo = "//away.png"
    yield "the photo is missing", drawn()
    scene.livescape.photo = "//photo.png"
    assert Path(photo).is_file()
    common.addon("photo.looking").waited_for(Path(photo))
    scene.render.resolution_x, scene.render.resolution_y = 400, 100
    yield "ready to generate, the frame crops", drawn()
    bpy.ops.livescape.match_camera()
    bpy.ops.livescape.draw_motion(kind="MOVES", points="10,100 200,100 200,150 10,150")
    bpy.ops.livescape.draw_motion(kind="FLOW", points="20,120 150,125 180,130")
    yield "motion is drawn", drawn()
    bpy.ops.livescape.paint_mask(meaning="MOVES")
    yield "a mask is painted", drawn()
    bpy.ops.livescape.end_painting()
    bpy.ops.livescape.remove_stroke(name="Livescape Mask")
    for item in [item for item in bpy.data.objects if item.type == "CURVE"]:
        bpy.data.objects.remove(item)
    unseen, measured = common.addon("camera.unseen"), common.addon("camera.measured")
    shares = (unseen.Share(0.0, 0.0), unseen.Share(9.0, 4.0))
    found = measured.Measured((1, 24), shares, np.zeros((0, 3)), 10.0, None, np.zeros(0))
    measured.keep(scene.session_uid, found)
    yield "the move is checked", drawn()
    measured.forget()
    status.started(state)
    yield "starting", drawn()
    status.progressed(state, "depth", 0.25, "other.blend")
    status.timed(state, 65.0, 130.0)
    yield "generating", drawn()
    status.failed(state, LivescapeError("disk_full", "It is full.", hint="Make room."))
    yield "an error", drawn()
    status.finished(state, "Livescape: 12 Gaussians, 3 moving", ["The camera looks beyond."])
    yield "finished", drawn()
    status.clear(state)
    scene.render.engine, camera.data.clip_end = "CYCLES", 20.0
    item = common.write_scene(synthetic.scene())
    bpy.context.view_layer.objects.active = item
    yield "an object, nothing prepared", drawn()
    bpy.ops.livescape.prepare_render()
    bpy.ops.livescape.find_unused_caches()
    yield "prepared", drawn()


common.enable()
common.addon("generate.missing").KEPT_SECONDS = -1.0
shown = dict(panels())
shown["preferences"] = preferences()
version = ".".join(map(str, bpy.app.version[:2]))
common.leave({"version": version, "panels": shown, "trees": trees()})
