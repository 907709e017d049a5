"""What Blender expects of every operator: its place in the manual, its icon, its blocking form."""

import os
from pathlib import Path

os.environ["LIVESCAPE_STATE_DIR"] = str(Path(__file__).with_name("nowhere"))

import bpy
import common
from bl_operators.wm import WM_OT_doc_view_manual

FOLDER = Path(common.arguments()["folder"])
os.environ["LIVESCAPE_STATE_DIR"] = str(FOLDER / "state")


def page_of(identifier):
    """Page and anchor of the manual that F1 opens, and whether both exist; empty without one."""
    url = WM_OT_doc_view_manual._lookup_rna_url(identifier, verbose=False) or ""
    if not url.startswith("file:"):
        return [url, False]
    address, _, anchor = url.partition("#")
    path = Path(address.removeprefix("file://"))
    is_there = path.is_file() and (not anchor or f'id="{anchor}"' in path.read_text("utf-8"))
    return [f"{path.name}#{anchor}", is_there]


def in_manual():
    """What F1 opens for every operator and property."""
    names = [f"bpy.ops.livescape.{name}" for name in dir(bpy.ops.livescape)]
    for base in (bpy.types.PropertyGroup, bpy.types.AddonPreferences):
        for cls in base.__subclasses__():
            if not cls.__module__.startswith(common.MODULE) or cls.__name__ == "LivescapeState":
                continue
            own = set(cls.bl_rna.properties.keys()) - set(base.bl_rna.properties.keys())
            names += [f"bpy.types.{cls.__name__}.{name}" for name in own]
    return {name: page_of(name) for name in names}


def executed(name):
    """How an operator ends that is called as a script does, in a file with nothing in it."""
    operator = getattr(bpy.ops.livescape, name)
    if not operator.poll():
        return "poll"
    try:
        return sorted(operator("EXEC_DEFAULT"))
    except RuntimeError as error:
        return str(error)


def class_name(operator):
    """The class that has such an operator, as Blender's own are called."""
    return f"LIVESCAPE_OT_{operator.partition('.')[2]}"


def without_user_folder():
    """Where the add-on keeps what belongs to no file when Blender has no folder of the user's."""
    running, kept = common.addon("setting_up.running"), bpy.utils.extension_path_user
    bpy.utils.extension_path_user = lambda *_, **__: ""
    places = [
        running.log_folder(),
        running.place(bpy.context).root,
        common.addon("generate.local_server").log_file(),
        common.addon("generate.durations")._place(),
    ]
    bpy.utils.extension_path_user = kept
    return list(map(str, places))


common.enable()
icons = bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items.keys()
operators = [
    cls for cls in common.addon("operators").CLASSES if issubclass(cls, bpy.types.Operator)
]
common.leave(
    {
        "manual": in_manual(),
        "icons": list(icons),
        "without_execute": [cls.__name__ for cls in operators if not hasattr(cls, "execute")],
        "descriptions": {cls.bl_idname: cls.bl_description for cls in operators},
        "bad_names": [
            cls.__name__ for cls in operators if cls.__name__ != class_name(cls.bl_idname)
        ],
        "executed": {name: executed(name) for name in dir(bpy.ops.livescape)},
        "places": without_user_folder(),
        "dots": [
            common.addon("compat").dot_icon(name) for name in ("red", "amber", "green", "grey")
        ],
    }
)
