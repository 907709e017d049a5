"""Sets a small backend up from the add-on, uses, spoils, removes it; and what is refused."""

import json
import shutil
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import bpy
import common
from stub_layout import Layout

given = common.arguments()
root = Path(given["folder"])

common.enable()
own = bpy.context.preferences.addons[common.MODULE].preferences
running, watch = common.addon("setting_up.running"), common.addon("setting_up.watch")
line, python = common.addon("ui.backend_line"), common.addon("setting_up.python")
running.EXTENSION = Path(given["extension"])
ops = bpy.ops.livescape
result = {}


def said(call, **named):
    """Call an operator; return its outcome or what it refuses with."""
    try:
        return sorted(call(**named))
    except RuntimeError as error:
        return str(error)


def now():
    """How the line says that the backend stands, and its button."""
    watch.look_now(bpy.context)
    found = line.current_line(bpy.context)
    return [found.level, found.text, found.button]


def drawn():
    """What preferences and panel show."""
    log = []
    common.addon("ui.backend_section").draw(Layout(log), bpy.context)
    common.addon("ui.panels").LIVESCAPE_PT_main.draw(
        SimpleNamespace(layout=Layout(log)), bpy.context
    )
    return log


def backend(what="code"):
    """Return what starts the server, or the code of why nothing can, or its sentence."""
    try:
        return str(python.backend_python(bpy.context))
    except common.shared("errors").LivescapeError as error:
        return getattr(error, what)


own.show_models = own.show_own = True
place = running.place(bpy.context)
result["root"] = str(place.root)
result["at first"] = [now(), drawn(), backend()]
result["offline"] = said(ops.set_up)
own.wheel_folder = str(root / "nothing")
result["no wheels"] = said(ops.set_up)
result["drawn after an error"] = drawn()
result["copied"] = said(ops.copy_set_up)
own.wheel_folder = given["wheels"]

modules = set(sys.modules)
running.set_up(bpy.context)
result["second"] = said(ops.set_up)
result["while it works"] = drawn()
running.cancel()
result["cancelled"] = running.wait().text
result["after cancelling"] = now()

result["set up"] = said(ops.set_up)
result["then"] = [now(), drawn(), backend()]
result["in blender"] = sorted(
    name for name in set(sys.modules) - modules if name.split(".")[0] == "tiny"
)
installed = place.installed()
result["size"] = installed.size
result["listed"] = said(ops.list_models)
result["last log"] = running.last_log(bpy.context).name
result["log"] = said(ops.open_log, log="SETUP")
common.addon("generate.local_server").log_file().unlink(missing_ok=True)  # of tests before this
result["server log"] = said(ops.open_log, log="SERVER")

own.backend_python = str(root / "none")
result["named"] = [now(), backend()]
own.backend_python = ""
marker = place.root / "backend.json"
values = json.loads(marker.read_text())
marker.write_text(json.dumps({**values, "version": "0.0.9"}))
result["other version"] = [now(), backend()]
result["other version's sentence"] = backend("message")
marker.write_text(json.dumps({**values, "build": "0" * 16}))
result["other build"] = [now(), backend()]
result["other build's sentence"] = backend("message")
marker.write_text(json.dumps(values))
place.python(installed).unlink()
result["python gone"] = [now(), backend()]
result["repaired"] = [said(ops.set_up), now()]

own.backend_folder = str(root / "elsewhere")
result["elsewhere"] = [now(), said(ops.set_up), now(), backend()]
result["removed"] = [said(ops.remove_backend), now(), (root / "elsewhere").exists()]
own.backend_folder = ""
result["here still"] = now()

running.set_up(bpy.context)
bpy.ops.preferences.addon_disable(module=common.MODULE)
result["threads"] = [each.name for each in threading.enumerate() if "Livescape" in each.name]
result["half"] = sorted(path.name for path in place.root.glob("env-*"))
result["current"] = json.loads(marker.read_text())["environment"]
bpy.ops.preferences.addon_enable(module=common.MODULE)  # it is shared with other tests
result["lock"] = (place.root / "setup.lock").exists()
shutil.rmtree(place.root)  # other tests find no backend set up
common.leave(result)
