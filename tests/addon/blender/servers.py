"""Pairs with a server elsewhere and generates there, as a script does; and what is refused."""

import hashlib
import json
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import bpy
import common
from stub_layout import Layout

given = common.arguments()
root = Path(given["folder"])

common.enable()
scene, preferences = bpy.context.scene, bpy.context.preferences
group, state = scene.livescape, bpy.context.window_manager.livescape
own = preferences.addons[common.MODULE].preferences
tasks, choice = common.addon("servers.tasks"), common.addon("servers.choice")
known = common.addon("servers.known")
ops = bpy.ops.livescape
result = {}


def drawn():
    """What preferences and panel show of servers."""
    log = []
    own_layout = SimpleNamespace(layout=Layout(log), bl_rna=own.bl_rna)
    common.addon("preferences").LivescapePreferences.draw(own_layout, bpy.context)
    common.addon("ui.panels").LIVESCAPE_PT_main.draw(
        SimpleNamespace(layout=Layout(log)), bpy.context
    )
    common.addon("ui.servers").LIVESCAPE_MT_server.draw(
        SimpleNamespace(layout=Layout(log)), bpy.context
    )
    return log


def said(call, **named):
    """Call an operator; return its outcome or what it refuses with."""
    try:
        return sorted(call(**named))
    except RuntimeError as error:
        return str(error)


def generate(name, server):
    """Make a scene there and return the hashes of its cache."""
    group.object_name = name
    own.server = server
    outcome = said(ops.generate)
    folders = sorted((root / "livescape").glob(f"{name}*"))
    return {
        "outcome": outcome,
        "code": state.error_code,
        "note": state.note,
        "cache": hashes(folders[-1]) if folders else {},
    }


def hashes(folder):
    """Return the hashes of what was sent; the manifest also says when it was written."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.suffix != ".json"
    }


def busy_time(call):
    """Return the longest time for which Blender's thread was kept by one tick."""
    longest = 0.0
    while tasks.is_busy(call):
        began = time.monotonic()
        tasks.tick()
        longest = max(longest, time.monotonic() - began)
        time.sleep(0.01)
    return longest


common.add_camera()
common.set_render()
group.photo = common.write_noise(root / "photo.png")
bpy.ops.wm.save_as_mainfile(filepath=str(root / "shot.blend"))
group.loop_frames = 8

result["nothing paired"] = drawn()
result["bad line"] = said(ops.add_server, line=given["line"][:-3])
result["bad file"] = said(ops.add_server_file, filepath=str(root / "photo.png"))
result["offline"] = said(ops.add_server, line=given["elsewhere"])
result["paired"] = said(ops.add_server, line=given["line"])
result["told"] = tasks.outcome(tasks.ADDING).text
(server,) = known.paired_servers()
result["name"] = server.name
result["again by another line"] = said(ops.add_server, line=given["used"])
result["by file"] = said(ops.add_server_file, filepath=given["file"])
result["tested"] = said(ops.test_server, name=server.name)
result["standing"] = tasks.outcome(server.name).text
result["here"] = said(ops.test_server)
result["unknown"] = said(ops.use_server, name="nobody")
result["chosen"] = [said(ops.use_server, name=server.name), own.server]
result["drawn"] = drawn()

result["far"] = generate("Far", server.name)
result["packed"] = {}
for compression in ("NONE", "LOSSLESS", "HALF"):
    own.compression = compression
    made = generate(f"Packed{compression}", server.name)["cache"]
    result["packed"][compression] = {
        "asked": choice.remote_launch(bpy.context).encoding,
        "equal": [name for name in made if made[name] == result["far"]["cache"][name]],
    }
result["near"] = generate("Near", "")
result["gone"] = generate("Gone", "nobody")
away = known.store().add(type(server.place)("gpu-box.invalid", 9), b"k" * 32, "away")
result["offline generate"] = generate("Offline", "away")
preferences.system.use_online_access = True
result["online"] = bool(bpy.app.online_access)
result["unresolved"] = generate("Unresolved", "away")

# As with windows: nothing waits, a timer looks.
call = common.addon("bridge.remote").look_at
access = common.addon("bridge.remote").pairer(Path(given["state"])).access(server)
tasks.begin("slow", lambda: (time.sleep(1.0), call(access))[1], lambda _: "done")
result["longest tick"] = busy_time("slow")
result["slow"] = tasks.outcome("slow").text
result["threads"] = [
    each.name for each in threading.enumerate() if each.name.startswith("livescape")
]

bpy.ops.wm.save_as_mainfile(filepath=str(root / "shot.blend"), compress=False)
bpy.ops.wm.save_userpref()
secrets = [given["line"].split("/")[-1], json.loads(Path(given["keys"]).read_text())["secret"]]
written = [root / "shot.blend", *Path(bpy.utils.resource_path("USER")).rglob("userpref.blend")]
result["files searched"] = len(written)
result["secrets in files"] = [
    str(path) for path in written for each in secrets if each.encode() in path.read_bytes()
]
own.server = server.name
result["removed"] = [said(ops.remove_server, name=server.name), own.server]
common.leave(result)
