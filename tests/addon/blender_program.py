"""Blender's command line, as far as farms use it: Blender as a module has none of its own.

``-b FILE --python SCRIPT [--python-exit-code N] -- WORDS``. Only what builds a shot finds the
add-on here, as on a farm whose render nodes do not have it.
"""

import os
import runpy
import sys
import traceback
from pathlib import Path

import bpy

MODULE = "bl_ext.user_default.livescape"


def main(words):
    blend, script = (words[words.index(option) + 1] for option in ("-b", "--python"))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    if Path(script).name == "build_shot.py":
        bpy.ops.preferences.addon_enable(module=MODULE)
    bpy.ops.wm.open_mainfile(filepath=blend)
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        return int(end.code or 0)
    except Exception:
        traceback.print_exc()
        return int(words[words.index("--python-exit-code") + 1])
    return 0


code = main(sys.argv[1:])
sys.stdout.flush()
os._exit(code)
