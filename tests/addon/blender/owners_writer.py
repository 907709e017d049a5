"""A Blender that writes generations for some seconds while another one does; says which."""

import json
import os
import sys
import time
from pathlib import Path

import bpy
import common
from tests.addon import synthetic

given = json.loads(sys.argv[1])
common.enable()
bpy.ops.wm.save_as_mainfile(filepath=given["blend"])
made = synthetic.scene(static=100, pairs=30, loop_frames=6)
here = Path(given["blend"])
here.with_suffix(".ready").touch()
deadline = time.monotonic() + 60.0
while len(list(here.parent.glob("*.ready"))) < 2 and time.monotonic() < deadline:
    time.sleep(0.01)
folders = [common.write_cache(made) for _ in range(20)]
read = common.shared("cache.manifest").read_manifest
check = common.shared("cache.manifest").check_hashes
for folder in folders:
    check(folder, read(folder))
print(json.dumps({"folders": [folder.name for folder in folders], "whole": True}))
sys.stdout.flush()
os._exit(0)
