"""Puts the cache through everything that can happen to it."""

import resource
import shutil
from pathlib import Path

import bpy
import common
import numpy as np
from tests.addon import synthetic

from livescape_shared.errors import LivescapeError
from livescape_shared.gaussians import control_points
from livescape_shared.scene import SceneMeta

common.enable()
root = Path(common.arguments()["folder"])
files, folder = common.addon("cache.contents"), common.addon("cache.cache_folder")
manifest, names, pc2, writer = (
    common.shared(f"cache.{name}") for name in ("manifest", "names", "pc2", "writer")
)
made = synthetic.scene(static=300, pairs=100, loop_frames=6)
result = {}


def code_of(call, *values):
    """Return the code that a call refuses with."""
    try:
        call(*values)
    except LivescapeError as error:
        return error.code
    return "nothing"


def fill(sink, scene, frames=None):
    """Stream a scene, or only some frames of it, into a sink."""
    sink.begin(scene.meta)
    sink.static(scene.static)
    sink.moving(scene.moving)
    for frame in list(scene.frames())[:frames]:
        sink.frame(frame)


def content(path):
    """Every file below a folder with its bytes."""
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in path.rglob("*") if p.is_file()}


result["unsaved"] = code_of(folder.caches_folder)
bpy.ops.wm.save_as_mainfile(filepath=str(root / "shot.blend"))
caches = folder.caches_folder()
sink = writer.CacheWriter(caches, "Livescape", {"preset": "draft"})
fill(sink, made)
sink.report = {"seconds": 1.5}
place = sink.folder
result["before finish"] = (place / "meta.json").exists()
sink.finish()
sink.abort()
result["files"] = sorted(content(place))
whole = content(root / "livescape")

positions = pc2.read_pc2(place / names.POINT_CACHE)
means = np.stack([frame.means for frame in made.frames()])
result["positions"] = [list(positions.shape), bool(np.array_equal(positions, means))]
deforming = synthetic.scene(static=300, pairs=100, loop_frames=6, deforms=True)
other = writer.CacheWriter(caches, "Livescape", {})
fill(other, deforming)
other.finish()
positions = pc2.read_pc2(other.folder / names.POINT_CACHE)
wanted = [control_points(f.means, f.quats, f.scales).reshape(-1, 3) for f in deforming.frames()]
result["control points"] = [
    list(positions.shape),
    bool(np.array_equal(positions, np.stack(wanted))),
]
del positions
shutil.rmtree(other.folder)
loaded = files.load_cache(place, "Livescape")
result["loaded"] = [
    float(np.abs(loaded.static.means - made.static.means).max()),
    float(np.abs(loaded.moving.gaussians.opacities - made.moving.gaussians.opacities).max()),
    bool(np.array_equal(loaded.moving.windows, made.moving.windows)),
    manifest.read_manifest(place).report,
]


early = caches / "Early"
shutil.copytree(place, early)
common.make_early(early, made)
then = files.load_cache(early, "Livescape")
result["early"] = [
    bool(np.array_equal(then.static.means, made.static.means)),
    bool(np.array_equal(then.moving.windows, made.moving.windows)),
    float(np.abs(then.moving.gaussians.scales - loaded.moving.gaussians.scales).max()),
]
windows = early / names.EARLY_WINDOWS
damages = {}
for name, data in {
    "no array": b"x" * windows.stat().st_size,
    "an archive": b"PK" + b"x" * (windows.stat().st_size - 2),
    "half a header": windows.read_bytes()[:8] + b"(" * (windows.stat().st_size - 8),
    "of a tebibyte": windows.read_bytes().replace(b"'shape': (", b"'shape': (9999999999999")[
        : windows.stat().st_size
    ],
}.items():
    windows.write_bytes(data)
    damages[name] = code_of(files.load_cache, early, "x")
shutil.rmtree(early)

second = writer.CacheWriter(caches, "Livescape", {})
fill(second, made, frames=3)
second.abort()
result["after abort"] = content(root / "livescape") == whole
crashed = writer.CacheWriter(caches, "Livescape", {})
fill(crashed, made, frames=3)
result["after crash"] = [
    {name: data for name, data in content(root / "livescape").items() if name in whole} == whole,
    code_of(manifest.read_manifest, crashed.folder),
]
crashed.abort()
sinks = [writer.CacheWriter(caches, "Livescape", {}) for _ in range(3)]
for each in sinks:
    fill(each, made)
    each.finish()
result["folders"] = [len({each.folder for each in (sink, *sinks)}), len(list(caches.iterdir()))]
for each in sinks:
    shutil.rmtree(each.folder)
writer.CacheWriter(caches, "Livescape", {}).prepare()
result["after preparing"] = content(root / "livescape") == whole
result["nothing left"] = len(list(caches.iterdir()))

huge = SceneMeta(10, 2_000_000_000, 9_000, True, 0.1, 1, 24.0, "linear")
third = writer.CacheWriter(caches, "Livescape", {})
result["no space"] = code_of(third.begin, huge)
third.abort()
limits = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
fourth = writer.CacheWriter(caches, "Livescape", {})
result["disk full"] = code_of(fill, fourth, made)
fourth.abort()
resource.setrlimit(resource.RLIMIT_FSIZE, limits)
result["after full disk"] = content(root / "livescape") == whole

stuck = pc2.Pc2Writer(root / "stuck.pc2", 4, 1)
stuck.append(np.ones((4, 3), np.float32))
resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
stuck.abort()
resource.setrlimit(resource.RLIMIT_FSIZE, limits)
result["stuck"] = sorted(path.name for path in root.glob("stuck*"))

(root / "blocked" / "livescape").parent.mkdir()
(root / "blocked" / "livescape").write_text("a file where the folder should be")
blocked = writer.CacheWriter(root / "blocked" / "livescape", "Livescape", {})
result["not writable"] = code_of(blocked.prepare)

target = place / names.POINT_CACHE
target.write_bytes(whole[f"{place.name}/moving.pc2"][:-5])
damages["truncated"] = code_of(files.load_cache, place, "x")
target.write_bytes(whole[f"{place.name}/moving.pc2"][:-5] + b"abcde")
damages["same size"] = code_of(manifest.check_hashes, place, manifest.read_manifest(place))
target.write_bytes(whole[f"{place.name}/moving.pc2"])
at_rest = place / names.MOVING
for name, data in {
    "no archive": b"x" * at_rest.stat().st_size,
    "half an archive": b"PK" + b"x" * (at_rest.stat().st_size - 2),
    "a changed byte": at_rest.read_bytes()[:999] + b"\xff\x00" + at_rest.read_bytes()[1001:],
}.items():
    at_rest.write_bytes(data)
    damages[name] = code_of(files.load_cache, place, "x")
at_rest.write_bytes(whole[f"{place.name}/moving.zip"])
meta = (place / "meta.json").read_text()
for name, (old, new) in {
    "scene of texts": ('"static": 300', '"static": "300"'),
    "no loop": ('"loop_frames": ', '"loop_frames": -'),
    "files as a list": ('"files": {', '"files": [], "x": {'),
    "endless time": ('"created": ', '"created": 1e999, "x": '),
    "nested": ('"report": {', '"report": ' + "[" * 100_000 + "{"),
    "no point cache": ('"moving.pc2"', '"meta.json/../moving.pc2"'),
}.items():
    assert old in meta, name
    (place / "meta.json").write_text(meta.replace(old, new))
    damages[name] = code_of(files.load_cache, place, "x")
(place / "meta.json").write_text(meta)
assert code_of(files.load_cache, place, "x") == "nothing"
target.unlink()
damages["file gone"] = code_of(files.load_cache, place, "x")
(place / "meta.json").write_text("{")
damages["garbage meta"] = code_of(files.load_cache, place, "x")
(place / "meta.json").unlink()
damages["no meta"] = code_of(files.load_cache, place, "x")
common.leave({**result, "damages": damages})
