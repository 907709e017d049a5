"""Removes the extension after a backend was set up, and looks at what is left of it."""

from pathlib import Path

import bpy
import common

given = common.arguments()
common.enable()
running = common.addon("setting_up.running")
running.EXTENSION = Path(given["extension"])
bpy.context.preferences.addons[common.MODULE].preferences.wheel_folder = given["wheels"]
outcome = sorted(bpy.ops.livescape.set_up())
root = running.place(bpy.context).root
before = root.exists()
repositories = bpy.context.preferences.extensions.repos
index = next(i for i, each in enumerate(repositories) if each.module == "user_default")
bpy.ops.extensions.package_uninstall(repo_index=index, pkg_id="livescape")
extensions = Path(bpy.utils.resource_path("USER")) / "extensions"
common.leave(
    {
        "outcome": outcome,
        "before": before,
        "after": root.exists(),
        "left": sorted(
            str(path.relative_to(extensions))
            for path in extensions.rglob("*livescape*")
            if path.suffix != ".pyc"
        ),
    }
)
