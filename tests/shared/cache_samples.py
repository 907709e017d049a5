"""The files of a whole cache, and what reads them, for the damage."""

import json

import numpy as np
from tests.shared.splat_samples import gaussians

from livescape_shared.cache.manifest import FILE, check_hashes, file_entry, read_manifest
from livescape_shared.cache.names import MOVING, POINT_CACHE, STATIC
from livescape_shared.cache.stored import read_moving, read_static
from livescape_shared.cache.writer import CacheWriter
from livescape_shared.gaussians import GaussianFrame
from livescape_shared.scene import MovingGaussians
from livescape_shared.scene_meta import read_meta

KINDS = (FILE, STATIC, MOVING)
CODES = ("cache_missing", "cache_damaged")
META = {
    "static": 30, "moving": 20, "loop_frames": 3, "loop": True, "fade": 0.1, "start_frame": 1,
    "fps": 24.0, "blend": "linear", "deforms": False,
}  # fmt: skip


def whole_cache(root):
    """Return the folder of a cache."""
    writer = CacheWriter(root, "shot", {"preset": "draft"})
    writer.begin(read_meta(META))
    static, moving = gaussians(META["static"]), gaussians(META["moving"], 1)
    writer.static(static, np.zeros((len(static), 3, 3), np.float32))
    windows = np.tile(np.float32([-1.0, 2.0]), (len(moving), 1))
    writer.moving(MovingGaussians(moving, windows))
    for number in range(META["loop_frames"] + 1):
        writer.frame(GaussianFrame(number, moving.means, moving.quats, moving.scales))
    writer.finish()
    return writer.folder


def cache_files(root):
    """Return a reader and a whole file by name; a damaged file has the size that is noted."""
    folder = whole_cache(root)
    meta = (folder / FILE).read_bytes()

    def read():
        manifest = read_manifest(folder)
        read_static(folder, manifest)
        read_moving(folder, manifest)
        check_hashes(folder, manifest)

    def reader_of(name):
        data = (folder / name).read_bytes()

        def reader(other):
            (folder / name).write_bytes(other)
            values = json.loads(meta)
            if name != FILE:
                values["files"][name] = vars(file_entry(folder / name))
                (folder / FILE).write_text(json.dumps(values))
            try:
                read()
            finally:
                (folder / name).write_bytes(data)
                (folder / FILE).write_bytes(meta)

        return reader, data

    assert (folder / POINT_CACHE).is_file()
    return {name: reader_of(name) for name in KINDS}
