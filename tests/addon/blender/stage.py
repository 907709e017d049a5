"""Props of compositing tests: a glowing sphere between the Gaussians, a plane, engines."""

import bmesh
import bpy
import common
from tests.addon.props import CENTER, GLOW, RADIUS, SKY


def material(color):
    """Return a material that emits linear ``color``, lit by nothing."""
    made = bpy.data.materials.new("Glow")
    made.use_nodes = True
    nodes = made.node_tree.nodes
    nodes.clear()
    emission = nodes.new("ShaderNodeEmission")
    emission.inputs["Color"].default_value = (*color, 1.0)
    output = nodes.new("ShaderNodeOutputMaterial")
    made.node_tree.links.new(emission.outputs[0], output.inputs["Surface"])
    return made


def add_sphere(center=CENTER, radius=RADIUS, collection=None):
    """Add a fine sphere in front of some Gaussians, behind others and through the rest."""
    mesh = bpy.data.meshes.new("Sphere")
    build = bmesh.new()
    bmesh.ops.create_icosphere(build, subdivisions=6, radius=radius)
    build.to_mesh(mesh)
    build.free()
    mesh.materials.append(material(GLOW))
    item = bpy.data.objects.new("Sphere", mesh)
    item.location = center
    (collection or bpy.context.scene.collection).objects.link(item)
    return item


def use_engine(name) -> None:
    """Render by ``CYCLES`` or ``EEVEE``, one sample at the centre of each pixel."""
    scene = bpy.context.scene
    eevee = common.addon("compat").eevee_engine()
    scene.render.engine = "CYCLES" if name == "CYCLES" else eevee
    common.addon("render_setup.prepare").prepare(scene)
    scene.cycles.samples = scene.eevee.taa_render_samples = 1
    scene.cycles.use_adaptive_sampling = scene.cycles.use_denoising = False
    scene.cycles.pixel_filter_type, scene.cycles.filter_width = "BOX", 0.01


def keyed_shot(engine, first, last, to) -> None:
    """Let a camera go ``to`` a place from the first frame to the last, for a small render."""
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = first, last
    camera = common.add_camera()
    camera.keyframe_insert("location", frame=first)
    camera.location = to
    camera.keyframe_insert("location", frame=last)
    common.set_render(160, 90)
    use_engine(engine)
    common.addon("render_setup.prepare").prepare(scene)


def rendered(stem, frames) -> dict:
    """Render frames, fractions too, into files that begin with ``stem``; also tell the camera."""
    found = {}
    for frame in frames:
        bpy.context.scene.frame_set(int(frame), subframe=frame - int(frame))
        path = stem.with_name(f"{stem.name}{10 * frame:.0f}")
        found[f"image {frame:g}"] = common.render(path)
        found[f"camera {frame:g}"] = common.current_camera()
    return found


def refused(operator, **options) -> str:
    """Return the sentence with which an operator gives up, empty if it does not."""
    try:
        operator(**options)
    except RuntimeError as error:
        return str(error)
    return ""


def add_lit_plane():
    """Add a white diffuse plane beneath everything, and a sun from behind the camera, right."""
    mesh = bpy.data.meshes.new("Plane")
    corners = [(-30, 0, -3), (30, 0, -3), (30, 40, -3), (-30, 40, -3)]
    mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
    mesh.materials.append(bpy.data.materials.new("White"))
    item = bpy.data.objects.new("Plane", mesh)
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.rotation_euler = (0.8, 0.8, 0.0)
    for new in (item, sun):
        bpy.context.scene.collection.objects.link(new)
    return item


def sky():
    """Return a world of one colour."""
    world = bpy.data.worlds.new("Sky")
    world.use_nodes = True
    nodes = world.node_tree.nodes
    nodes.clear()
    background = nodes.new("ShaderNodeBackground")
    background.inputs["Color"].default_value = (*SKY, 1.0)
    output = nodes.new("ShaderNodeOutputWorld")
    world.node_tree.links.new(background.outputs[0], output.inputs["Surface"])
    return world
