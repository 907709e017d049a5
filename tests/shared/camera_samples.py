"""Files of cameras of every kind, and what reads them, for the damage."""

from tests.shared.test_camera_files import binary_model, some_path

from livescape_shared.camera_files.kinds import COLMAP, JSON, NERFSTUDIO, NPZ, read_cameras
from livescape_shared.camera_files.kinds import write_cameras as write

CODES = ("cameras_unreadable", "camera_invalid", "camera_path_invalid")


def camera_files(folder):
    """Return a reader and a whole file by kind; ``folder`` is for temporaries."""
    path, found = some_path((1, 2, 4)), {}

    def add(kind, place, data):
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)

        def reader(other):
            place.write_bytes(other)
            try:
                return read_cameras(place)
            finally:
                place.write_bytes(data)  # the other file of a model is damaged with a whole one

        found[kind] = reader, data

    for kind, name in ((JSON, "path.json"), (NERFSTUDIO, "transforms.json"), (NPZ, "way.npz")):
        write(folder / name, kind, path)
        add(kind, folder / name, (folder / name).read_bytes())
    text = folder / "text"
    write(text, COLMAP, path)
    binary = dict(zip(("cameras", "images"), binary_model(text), strict=True))
    for name, data in binary.items():
        add(f"colmap {name}.txt", text / f"{name}.txt", (text / f"{name}.txt").read_bytes())
        add(f"colmap {name}.bin", folder / "binary" / f"{name}.bin", data)
    return found


KINDS = (
    JSON, NERFSTUDIO, NPZ, "colmap cameras.txt", "colmap images.txt", "colmap cameras.bin",
    "colmap images.bin",
)  # fmt: skip
