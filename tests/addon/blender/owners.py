"""Brings generations into every situation in which one could take the cache of another."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import bpy
import common
import numpy as np
from tests.addon import synthetic

from livescape_shared.errors import LivescapeError

common.enable()
folder = Path(common.arguments()["folder"])
objects, generations = common.addon("splats.object"), common.addon("cache.generations")
place = common.addon("generate.place")
first = synthetic.scene(static=200, pairs=60, loop_frames=6)
second = replace(first, velocity=first.velocity * 3.0)
result = {}


def save_as(path, **options):
    """Save under another name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(path), **options)


def cache_of(item):
    """Return the folder that an object plays."""
    return common.addon("cache.cache_folder").played_folder(objects.SplatObject(item))


def fingerprint(path):
    """Names and bytes of the files of a folder."""
    return {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in path.iterdir()}


def shape(item, frame=8):
    """Return where the object's vertices are in mid loop, before they face the camera: a hash.

    What Blender itself plays, and not what we believe that it does.
    """
    modifier = objects.SplatObject(item).nodes_modifier
    modifier.show_viewport = False
    bpy.context.scene.frame_set(frame)
    mesh = item.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    flat = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", flat)
    modifier.show_viewport = True
    return hashlib.sha256(flat.tobytes()).hexdigest()[:12]


def exported(item):
    """Return the hash of what an export of one object writes."""
    bpy.ops.object.select_all(action="DESELECT")
    item.select_set(True)
    path = folder / "exported.ply"
    bpy.ops.livescape.export_splats(filepath=str(path), selected_only=True)
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def problem(item):
    """Return the code of what is wrong with an object's cache."""
    found = common.addon("cache.check").cache_problem(objects.SplatObject(item))
    return found.code if found else ""


def refusal(call, *values):
    """Return the code that a call refuses with."""
    try:
        call(*values)
    except LivescapeError as error:
        return error.code
    except RuntimeError:
        return bpy.context.window_manager.livescape.error_code
    return ""


def fresh(path):
    """Start a new file and save it."""
    bpy.ops.wm.read_homefile(use_empty=True)
    common.add_camera()
    save_as(path)


def saved_under_another_name():
    """shot_v01 becomes shot_v02 in the same folder, then Generate."""
    fresh(folder / "versions" / "shot_v01.blend")
    item = common.write_scene(first)
    bpy.ops.wm.save_mainfile()
    old, before = cache_of(item), fingerprint(cache_of(item))
    v01 = shape(item)
    save_as(folder / "versions" / "shot_v02.blend")
    again = common.write_scene(second)
    v02 = shape(again)
    bpy.ops.wm.save_mainfile()
    result["save as"] = {
        "same object": again == item,
        "v01 untouched": fingerprint(old) == before,
        "folders": len({old, cache_of(again)}),
        "differ": v01 != v02,
    }
    bpy.ops.wm.open_mainfile(filepath=str(folder / "versions" / "shot_v01.blend"))
    opened = bpy.data.objects["Livescape"]
    result["save as"]["v01 plays v01"] = [shape(opened) == v01, problem(opened)]


def two_scenes():
    """Each scene of one file generates under the same name."""
    fresh(folder / "scenes" / "shot.blend")
    one = common.write_scene(first)
    place_one, before = cache_of(one), fingerprint(cache_of(one))
    other_scene = bpy.data.scenes.new("Second")
    bpy.context.window.scene = other_scene
    two = common.write_scene(second)
    result["two scenes"] = {
        "objects": one != two,
        "folders": cache_of(two) != place_one,
        "first untouched": fingerprint(place_one) == before,
        "unused": len(generations.unused_caches()),
    }


def two_processes():
    """Two Blenders write generations of one name into one folder at the same time."""
    root = folder / "together"
    fresh(root / "shot.blend")
    command = [sys.executable, str(Path(__file__).with_name("owners_writer.py"))]
    running = []
    for name in "ab":
        # of its own, for two Blenders that start together trip over each other's wheels
        resources = root / f"resources_{name}"
        shutil.copytree(os.environ["BLENDER_USER_RESOURCES"], resources)
        environment = {**os.environ, "BLENDER_USER_RESOURCES": str(resources)}
        given = json.dumps({"blend": str(root / f"by_{name}.blend")})
        running.append(subprocess.Popen([*command, given], stdout=subprocess.PIPE, env=environment))
    said = [json.loads(each.communicate(timeout=120)[0].splitlines()[-1]) for each in running]
    folders = [name for each in said for name in each["folders"]]
    result["two processes"] = {
        "made": len(folders),
        "distinct": len(set(folders)),
        "on disk": sorted(folders) == sorted(p.name for p in (root / "livescape").iterdir()),
        "whole": all(each["whole"] for each in said),
    }


def linked_and_appended():
    """A file in another folder links, overrides and appends the object."""
    fresh(folder / "library" / "asset.blend")
    item = common.write_scene(first)
    collection = bpy.data.collections.new("Asset")
    bpy.context.scene.collection.children.link(collection)
    collection.objects.link(item)
    bpy.context.scene.collection.objects.unlink(item)
    wanted, library_cache = shape(item), cache_of(item)
    wanted_export = exported(item)
    bpy.ops.wm.save_mainfile()
    asset = str(folder / "library" / "asset.blend")
    cases = {}
    for kind in ("link", "append", "override"):
        fresh(folder / "elsewhere" / kind / "shot.blend")
        own = common.write_scene(second)  # of the same name, in the same scene
        own_cache, before = cache_of(own), fingerprint(cache_of(own))
        with bpy.data.libraries.load(asset, link=kind != "append") as (_, into):
            into.collections = ["Asset"]
        found = into.collections[0]
        bpy.context.scene.collection.children.link(found)
        if kind == "override":
            found.override_hierarchy_create(bpy.context.scene, bpy.context.view_layer)
        bpy.ops.wm.save_mainfile()
        bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
        scene = bpy.context.scene
        theirs = [
            each.item for each in objects.splat_objects(scene) if cache_of(each.item) != own_cache
        ]
        used = next(each for each in theirs if kind != "override" or each.override_library)
        played = objects.SplatObject(used)
        cases[kind] = {
            "plays": shape(used) == wanted,
            "found": cache_of(used).resolve() == library_cache.resolve(),
            "problem": problem(used),
            "exports": exported(used) == wanted_export,
            "linked": played.is_linked,
        }
        again = common.write_scene(first)
        cases[kind]["generate renews its own"] = cache_of(again) != own_cache
        cases[kind]["still plays"] = shape(used) == wanted
        cases[kind]["own old untouched"] = fingerprint(own_cache) == before
        bpy.context.view_layer.objects.active = used
        cases[kind]["rebuild"] = refusal(bpy.ops.livescape.rebuild)
        unused = {each.folder for each in generations.unused_caches()}
        cases[kind]["unused is its own old one"] = unused == {own_cache}
        prepared = [str(change) for change in common.addon("render_setup.prepare").prepare(scene)]
        cases[kind]["prepared"] = len(prepared) > 0
    result["library"] = cases


def duplicates():
    """Shift-D keeps playing its own while the original is generated anew, and moves as a whole."""
    fresh(folder / "duplicate" / "shot.blend")
    item = common.write_scene(first)
    old, wanted = cache_of(item), shape(item)
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.select_all(action="DESELECT")
    item.select_set(True)
    bpy.ops.object.duplicate()
    copy = bpy.context.active_object
    bpy.context.view_layer.objects.active = item
    again = common.write_scene(second)
    static = objects.SplatObject(copy).static
    result["duplicate"] = {
        "original renewed": [again == item, cache_of(item) != old],
        "copy plays the old": [cache_of(copy) == old, shape(copy) == wanted, problem(copy)],
        "copy keeps its static": static is not None and len(static.data.polygons) == 200,
        "unused": len(generations.unused_caches()),
    }
    copy.location.x = 5.0
    bpy.context.view_layer.update()
    mesh = copy.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    low = min(vertex.co.x for vertex in mesh.vertices)
    item.location.x = 5.0  # were the static ones of the copy in the original's place, they moved
    copy["livescape_exact_viewport"] = False
    bpy.context.view_layer.update()
    mesh = copy.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    result["duplicate"]["moves as a whole"] = abs(min(v.co.x for v in mesh.vertices) - low) < 1e-5
    bpy.context.view_layer.objects.active = copy
    bpy.ops.livescape.rebuild()
    result["duplicate"]["rebuild"] = [cache_of(copy) == old, cache_of(item) != old]


def early_layout():
    """A cache in the layout of early versions, which the object finds by its name."""
    fresh(folder / "early" / "shot.blend")
    item = common.write_scene(first)
    wanted = shape(item)
    written = cache_of(item)
    early = written.with_name("Livescape")
    written.rename(early)
    values = json.loads((early / "meta.json").read_text())
    del values["object"], values["created"]
    (early / "meta.json").write_text(json.dumps(values))
    objects.SplatObject(item).cache_modifier.filepath = "//livescape/Livescape/moving.pc2"
    del item["livescape_generation"]
    for group in bpy.data.node_groups:
        group.pop("livescape_part", None)
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    item = bpy.data.objects["Livescape"]
    found = {"plays": [shape(item) == wanted, problem(item)], "exports": exported(item) != ""}
    bpy.context.view_layer.objects.active = item
    bpy.ops.livescape.rebuild()
    found["rebuilt"] = [shape(item) == wanted, cache_of(item) == early]
    bpy.data.objects.remove(item)
    bpy.ops.livescape.rebuild()
    item = bpy.data.objects["Livescape"]
    found["restored"] = [shape(item) == wanted, cache_of(item) == early]
    bpy.ops.wm.save_mainfile()
    before = fingerprint(early)
    common.write_scene(second)
    found["generate leaves it"] = fingerprint(early) == before
    unused = generations.unused_caches()
    found["listed while the saved file plays it"] = [
        (each.folder.name, each.players) for each in unused
    ]
    bpy.ops.wm.save_mainfile()
    found["listed"] = [(each.folder.name, each.players) for each in generations.unused_caches()]
    result["early layout"] = found


def early_still():
    """A still object of an early version: nothing but its name says which cache it plays."""
    fresh(folder / "early_still" / "shot.blend")
    item = common.write_scene(synthetic.scene(static=200, pairs=0), "My Shot")
    written = cache_of(item)
    early = written.with_name("My_Shot")
    written.rename(early)
    item.modifiers.remove(objects.SplatObject(item).cache_modifier)
    del item["livescape_generation"]
    item["livescape_name"] = "My_Shot"
    bpy.ops.wm.save_mainfile()
    found = {"exports": exported(item) != "", "unused": len(generations.unused_caches())}
    other = folder / "early_still_linked" / "shot.blend"
    asset = bpy.data.filepath
    fresh(other)
    with bpy.data.libraries.load(asset, link=True) as (_, into):
        into.objects = ["My Shot"]
    bpy.context.scene.collection.objects.link(into.objects[0])
    found["linked"] = cache_of(into.objects[0]).resolve() == early.resolve()
    bpy.ops.wm.open_mainfile(filepath=asset)
    item = bpy.data.objects["My Shot"]
    found["renewed"] = common.write_scene(first, "My Shot") == item
    result["early still"] = found


def unused_and_removal():
    """Lists what nothing plays and removes it when asked, and only then."""
    here = folder / "unused"
    fresh(here / "shot.blend")
    item = common.write_scene(first)
    old = cache_of(item)
    size = sum(path.stat().st_size for path in old.iterdir())
    remove = generations.remove_unused_cache
    found = {
        "in use": [
            len(generations.unused_caches()),
            refusal(remove, old.name),
        ]
    }
    for compress in (True, False):
        save_as(here / f"other_{compress}.blend", copy=True, compress=compress)
    bpy.ops.wm.save_mainfile()
    common.write_scene(second)
    names = [each.players for each in generations.unused_caches()]
    found["before saving"] = names
    found["refused"] = refusal(remove, old.name)
    bpy.ops.wm.save_mainfile()
    found["after saving"] = [each.players for each in generations.unused_caches()]
    for compress in (True, False):
        (here / f"other_{compress}.blend").unlink()
    left = [(each.folder == old, each.bytes == size, each.name, each.players)
            for each in generations.unused_caches()]  # fmt: skip
    found["nobody else"] = left
    found["still there"] = old.exists()
    (old / "notes.txt").write_text("of the artist")
    listed = common.addon("ui.unused_caches_panel")
    bpy.ops.livescape.find_unused_caches()
    found["panel"] = [each.folder.name == old.name for each in listed.found()]
    bpy.ops.livescape.remove_unused_cache(folder=old.name)
    found["removed"] = [sorted(path.name for path in old.iterdir()), len(listed.found())]
    found["removed twice"] = refusal(remove, old.name)
    found["plays"] = problem(bpy.data.objects["Livescape"])
    foreign = here / "livescape" / "Pictures"
    foreign.mkdir()
    (foreign / "photo.png").write_bytes(b"of the artist")
    half = here / "livescape" / "Livescape-00000000"
    half.mkdir()
    (half / "moving.pc2.partial").write_bytes(b"half")
    found["being written"] = len(generations.unused_caches())
    past = time.time() - 2 * generations.UNFINISHED_AFTER_S
    for path in (half / "moving.pc2.partial", half):
        os.utime(path, (past, past))
    found["left behind"] = [(each.folder.name, each.name) for each in generations.unused_caches()]
    generations.remove_unused_cache(half.name)
    found["others stay"] = [half.exists(), foreign.exists()]
    result["unused"] = found


def undo():
    """Undoing a regeneration brings the old object with its old cache."""
    fresh(folder / "undo" / "shot.blend")
    bpy.context.preferences.edit.use_global_undo = True
    common.write_scene(first)
    item = bpy.data.objects["Livescape"]
    old, wanted = cache_of(item), shape(item)
    bpy.context.view_layer.objects.active = item
    bpy.ops.ed.undo_push(message="Generated")
    common.write_scene(second)
    new = cache_of(bpy.data.objects["Livescape"])
    bpy.ops.ed.undo_push(message="Generated again")
    bpy.ops.ed.undo()
    item = bpy.data.objects["Livescape"]
    result["undo"] = [cache_of(item) == old, shape(item) == wanted, problem(item)]
    bpy.ops.ed.redo()
    item = bpy.data.objects["Livescape"]
    result["redo"] = [cache_of(item) == new, shape(item) != wanted, problem(item)]


def moved_on_disk():
    """Save As in another folder keeps playing, with relative paths and with absolute ones."""
    fresh(folder / "here" / "shot.blend")
    item = common.write_scene(first)
    wanted, written, cache = shape(item), exported(item), cache_of(item)
    save_as(folder / "there" / "shot.blend")
    item = bpy.data.objects["Livescape"]
    result["save as elsewhere"] = [
        shape(item) == wanted,
        cache_of(item).resolve() == cache.resolve(),
    ]
    result["exported elsewhere"] = exported(item) == written
    bpy.context.view_layer.objects.active = item
    result["rebuilt elsewhere"] = sorted(bpy.ops.livescape.rebuild())
    result["rebuilt elsewhere"] += [shape(item) == wanted, exported(item) == written]
    item = common.write_scene(synthetic.scene(static=200, pairs=0), "Still")
    still_cache = cache_of(item)
    save_as(folder / "back" / "shot.blend")
    item = bpy.data.objects["Still"]
    result["save as elsewhere, still"] = cache_of(item).resolve() == still_cache.resolve()
    result["still"] = [
        problem(item),
        refusal(place.rebuild_object, bpy.context.scene, objects.SplatObject(item)),
    ]


for step in (saved_under_another_name, two_scenes, two_processes, linked_and_appended, duplicates,
             early_layout, early_still, unused_and_removal, undo, moved_on_disk):  # fmt: skip
    step()
common.leave(result)
