"""Installs the extension as a user does from disk, for good."""

from __future__ import annotations

import bpy
import common

bpy.ops.extensions.package_install_files(
    filepath=common.arguments()["archive"], repo="user_default", enable_on_install=True
)
if common.MODULE not in bpy.context.preferences.addons:
    raise SystemExit("the extension was not enabled")
bpy.ops.wm.save_userpref()
common.leave({"version": ".".join(map(str, bpy.app.version))})
