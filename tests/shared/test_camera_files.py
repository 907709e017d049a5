"""Cameras of other programs: what is written is read back, and by readers that are not ours."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from livescape_shared.camera import Camera, CameraPath, write_camera_path
from livescape_shared.camera_files import kinds, trajectory
from livescape_shared.camera_files.kinds import (
    COLMAP,
    JSON,
    LABELS,
    NERFSTUDIO,
    NPZ,
    read_cameras,
    write_cameras,
)
from livescape_shared.errors import LivescapeError
from livescape_shared.json_size import memory_of

NAMES = {JSON: "path.json", NERFSTUDIO: "transforms.json", COLMAP: "sparse", NPZ: "way.npz"}


def rotation(rng):
    q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return q if np.linalg.det(q) > 0 else -q


def some_path(frames=(3, 4, 7), seed=1):
    rng = np.random.default_rng(seed)
    cameras = []
    for _ in frames:
        viewmat = np.eye(4)
        viewmat[:3, :3], viewmat[:3, 3] = rotation(rng), rng.normal(size=3) * 4
        f, cx, cy = rng.uniform(300, 900), rng.uniform(300, 340), rng.uniform(170, 190)
        K = np.array([[f, 0, cx], [0, f * 1.02, cy], [0, 0, 1]])
        cameras.append(Camera(640, 360, K, viewmat))
    return CameraPath(cameras[0], tuple(cameras), tuple(frames), 25.0)


def binary_model(text):
    """Return what COLMAP writes into ``cameras.bin`` and ``images.bin``, from its text."""
    listed = [
        [line.split() for line in (text / f"{name}.txt").read_text().splitlines()]
        for name in ("cameras", "images")
    ]
    lenses, images = ([line for line in lines if line and line[0] != "#"] for lines in listed)
    cameras = struct.pack("<Q", len(lenses))
    for number, _, width, height, *values in lenses:
        cameras += struct.pack("<iiQQ", int(number), 1, int(width), int(height))
        cameras += struct.pack("<4d", *map(float, values))
    data = struct.pack("<Q", len(images))
    for words in images:
        data += struct.pack("<i7di", int(words[0]), *map(float, words[1:8]), int(words[8]))
        data += words[9].encode() + b"\0" + struct.pack("<Qddq", 1, 3.5, 4.5, -1)
    return cameras, data


def same(found, wanted, atol=1e-5):
    assert found.frames == wanted.frames
    for a, b in zip(found.cameras, wanted.cameras, strict=True):
        assert (a.width, a.height) == (b.width, b.height)
        np.testing.assert_allclose(a.K, b.K, atol=1e-3)
        np.testing.assert_allclose(a.viewmat, b.viewmat, atol=atol)


@pytest.mark.parametrize("kind", LABELS)
def test_what_is_written_is_read_back(kind, tmp_path):
    path = tmp_path / NAMES[kind]
    write_cameras(path, kind, some_path())
    same(read_cameras(path).path, some_path())


@pytest.mark.parametrize("seed", range(20))
def test_turns_of_every_kind_survive_as_quaternions(seed, tmp_path):
    wanted = some_path(tuple(range(1, 12)), seed)
    write_cameras(tmp_path / "model", COLMAP, wanted)
    same(read_cameras(tmp_path / "model" / "images.txt").path, wanted, atol=1e-9)


def test_nerfstudio_has_opengl_axes_and_z_up(tmp_path):
    """A level camera at (1, 2, 3) that looks along +y: x right, y of its image up, z back."""
    values = {
        "camera_angle_x": np.radians(90.0),
        "w": 200, "h": 100,
        "frames": [
            {
                "file_path": "./train/r_0",
                "transform_matrix": [[1, 0, 0, 1], [0, 0, -1, 2], [0, 1, 0, 3], [0, 0, 0, 1]],
            }
        ],
    }  # fmt: skip
    (tmp_path / "transforms.json").write_text(json.dumps(values))
    camera = read_cameras(tmp_path / "transforms.json").path.cameras[0]
    np.testing.assert_allclose(camera.position, [1, 2, 3], atol=1e-9)
    assert camera.K[0, 0] == pytest.approx(100.0)
    ahead = camera.viewmat @ [1, 12, 3, 1]
    np.testing.assert_allclose(ahead[:3], [0, 0, 10], atol=1e-9)
    above = camera.viewmat @ [1, 12, 4, 1]
    assert above[1] == pytest.approx(-1.0), "y is down"


def test_frames_come_in_the_order_of_their_names_with_intrinsics_of_their_own(tmp_path):
    poses = {name: np.eye(4) for name in ("images/f10.jpg", "images/f9.jpg", "images/f1.jpg")}
    for x, pose in enumerate(poses.values()):
        pose[0, 3] = x
    frames = [
        {"file_path": name, "transform_matrix": pose[:3].tolist(), "fl_x": 100 + x, "w": 64,
         "h": 48, "k1": 0.1 * x}
        for x, (name, pose) in enumerate(poses.items())
    ]  # fmt: skip
    (tmp_path / "t.json").write_text(json.dumps({"camera_model": "OPENCV", "frames": frames}))
    found = read_cameras(tmp_path / "t.json")
    assert found.path.frames == (1, 9, 10)
    assert [camera.position[0] for camera in found.path.cameras] == [2, 1, 0]
    assert [camera.K[0, 0] for camera in found.path.cameras] == [102, 101, 100]
    assert "distortion" in found.remarks[0]


def test_colmap_text_of_its_own_writer(tmp_path):
    """As COLMAP writes it: comments, a line of points after each image, distortion, spaces."""
    (tmp_path / "cameras.txt").write_text(
        "# Camera list with one line of data per camera:\n#   CAMERA_ID, MODEL, ...\n"
        "# Number of cameras: 2\n2 SIMPLE_RADIAL 3072 2304 2559.81 1536 1152 -0.0204997\n"
        "1 PINHOLE 640 480 500 510 320 240\n"
    )
    (tmp_path / "images.txt").write_text(
        "# Image list with two lines of data per image:\n# Number of images: 2\n"
        "1 0.851773 0.0165051 0.503764 -0.142941 -0.737434 1.02973 3.74354 2 my photo 02.jpg\n"
        "2362.39 248.498 58396 1784.7 268.254 59027\n"
        "2 1 0 0 0 1 2 3 1 my photo 01.jpg\n\n"
    )
    found = read_cameras(tmp_path / "cameras.txt")
    first, second = found.path.cameras
    np.testing.assert_allclose(first.viewmat[:3, 3], [1, 2, 3])
    np.testing.assert_allclose(first.K, [[500, 0, 320], [0, 510, 240], [0, 0, 1]])
    w, x, y, z = 0.851773, 0.0165051, 0.503764, -0.142941
    assert second.viewmat[0, 0] == pytest.approx(1 - 2 * (y * y + z * z), abs=1e-5)
    assert second.viewmat[0, 1] == pytest.approx(2 * (x * y - w * z), abs=1e-5)
    assert found.path.frames == (1, 2)
    assert any("distortion" in remark for remark in found.remarks)


def test_colmap_binary_is_the_same_as_text(tmp_path):
    wanted = some_path((1, 2))
    write_cameras(tmp_path / "text", COLMAP, wanted)
    cameras, data = binary_model(tmp_path / "text")
    folder = tmp_path / "binary"
    folder.mkdir()
    (folder / "cameras.bin").write_bytes(cameras)
    (folder / "images.bin").write_bytes(data)
    same(read_cameras(folder).path, wanted)
    (folder / "images.bin").write_bytes(data[:-9])
    with pytest.raises(LivescapeError, match="damaged"):
        read_cameras(folder)


def test_a_trajectory_may_have_one_lens_and_poses_the_other_way_round(tmp_path):
    wanted = some_path((1, 2, 3))
    poses = np.array([camera.camera_to_world for camera in wanted.cameras])
    np.savez(tmp_path / "a.npz", c2w=poses[:, :3], intrinsics=wanted.cameras[0].K,
             image_height=360, image_width=640)  # fmt: skip
    found = read_cameras(tmp_path / "a.npz").path
    np.testing.assert_allclose([each.viewmat for each in found.cameras],
                               [each.viewmat for each in wanted.cameras], atol=1e-9)  # fmt: skip
    assert {each.K[0, 0] for each in found.cameras} == {wanted.cameras[0].K[0, 0]}


@pytest.mark.parametrize("kind", LABELS)
def test_frames_before_zero_keep_their_order(kind, tmp_path):
    wanted = some_path((-12, -3, 0, 5))
    write_cameras(tmp_path / NAMES[kind], kind, wanted)
    same(read_cameras(tmp_path / NAMES[kind]).path, wanted)


def test_a_trajectory_that_unpacks_to_much_is_not_unpacked(tmp_path, monkeypatch):
    write_cameras(tmp_path / "way.npz", NPZ, some_path())
    monkeypatch.setattr(trajectory, "_LARGEST", 300)
    with pytest.raises(LivescapeError, match="too large"):
        read_cameras(tmp_path / "way.npz")


def test_a_file_whose_values_would_fill_the_memory_is_not_parsed(tmp_path, monkeypatch):
    path = tmp_path / "transforms.json"
    write_cameras(path, NERFSTUDIO, some_path())
    monkeypatch.setattr(kinds, "MOST_BYTES", memory_of(path.read_bytes()))
    read_cameras(path)
    monkeypatch.setattr(kinds, "MOST_BYTES", memory_of(path.read_bytes()) - 1)
    for content in (path.read_bytes(), b" " * 100_000):
        path.write_bytes(content)
        with pytest.raises(LivescapeError, match="too large"):
            read_cameras(path)


@pytest.mark.parametrize("kind", [JSON, NERFSTUDIO, NPZ])
def test_the_frame_rate_need_not_be_whole(kind, tmp_path):
    wanted = some_path()
    rate = 24000 / 1001
    wanted = CameraPath(wanted.reference, wanted.cameras, wanted.frames, rate)
    write_cameras(tmp_path / NAMES[kind], kind, wanted)
    assert read_cameras(tmp_path / NAMES[kind]).path.fps == pytest.approx(rate)


@pytest.mark.parametrize("frames", [["a", "b"], [np.nan, 1.0], [[1], [2]], [1, 2, 3]])
def test_frames_that_are_no_numbers_of_these_poses_are_counted(frames, tmp_path):
    np.savez(tmp_path / "a.npz", w2c=np.tile(np.eye(4), (2, 1, 1)), frames=np.array(frames),
             intrinsics=np.array([[9, 0, 8], [0, 9, 6], [0, 0, 1.0]]))  # fmt: skip
    assert read_cameras(tmp_path / "a.npz").path.frames == (1, 2)


def files_that_are_wrong(folder: Path):
    eye = np.eye(4).tolist()
    json_values = {
        "no frames": {"w": 4, "h": 4},
        "frames of numbers": {"frames": [1, 2]},
        "no pose": {"w": 4, "h": 4, "fl_x": 4, "frames": [{"file_path": "a"}]},
        "no size": {"fl_x": 4, "frames": [{"transform_matrix": eye}]},
        "words": {"w": 4, "h": 4, "fl_x": "x", "frames": [{"transform_matrix": eye}]},
        "fisheye": {"w": 4, "h": 4, "fl_x": 4, "camera_model": "OPENCV_FISHEYE",
                    "frames": [{"transform_matrix": eye}]},
        "flat": {"w": 4, "h": 4, "fl_x": 4, "frames": [{"transform_matrix": [[0] * 4] * 4}]},
        "scaled": {"w": 4, "h": 4, "fl_x": 4,
                   "frames": [{"transform_matrix": (np.eye(4) * 2).tolist()}]},
        "empty": {"w": 4, "h": 4, "fl_x": 4, "frames": []},
    }  # fmt: skip
    for name, values in json_values.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(values))
        yield path
    for name, content in {
        "text.json": b"hello", "list.json": b"[1]", "zip.npz": b"PK\3\4 and no more",
        "deep.json": b"[" * 100_000, "bytes.json": b"\xff\xfe\x00",
    }.items():  # fmt: skip
        path = folder / name
        path.write_bytes(content)
        yield path
    for name, arrays in {
        "no_intrinsics": {"w2c": np.tile(np.eye(4), (2, 1, 1))},
        "counts": {"w2c": np.tile(np.eye(4), (2, 1, 1)), "intrinsics": np.ones((3, 3, 3))},
        "nothing": {"w2c": np.zeros((0, 4, 4)), "intrinsics": np.ones((0, 3, 3))},
        "objects": {"w2c": np.array([{}], dtype=object), "intrinsics": np.eye(3)},
        "nan": {"w2c": np.full((1, 4, 4), np.nan), "intrinsics": np.eye(3)},
        "lens of nan": {"w2c": np.eye(4)[None], "intrinsics": np.full((3, 3), np.nan)},
        "endless lens": {"w2c": np.eye(4)[None], "intrinsics": np.full((3, 3), np.inf)},
        "lens of words": {"w2c": np.eye(4)[None], "intrinsics": np.full((3, 3), "f")},
        "too many axes": {"w2c": np.eye(4)[None], "intrinsics": np.ones((1, 1, 3, 3))},
        "no place": {"w2c": np.full((1, 4, 4), "x"), "intrinsics": np.eye(3)},
    }.items():
        np.savez(folder / f"{name}.npz", **arrays)
        yield folder / f"{name}.npz"
    for byte in (90, 200):  # of the packed array itself
        path = folder / f"packed {byte}.npz"
        np.savez_compressed(path, w2c=np.random.default_rng(0).normal(size=(9, 4, 4)))
        data = bytearray(path.read_bytes())
        data[byte : byte + 9] = b"\xff" * 9
        path.write_bytes(data)
        yield path
    for name, (cameras, images) in {
        "unknown camera": ("1 PINHOLE 4 4 1 1 2 2\n", "1 1 0 0 0 0 0 0 9 a.png\n\n"),
        "fish": ("1 OPENCV_FISHEYE 4 4 1 1 2 2 0 0 0 0\n", "1 1 0 0 0 0 0 0 1 a.png\n\n"),
        "short": ("1 PINHOLE 4 4\n", "1 1 0 0 0 0 0 0 1 a.png\n\n"),
        "no turn": ("1 PINHOLE 4 4 1 1 2 2\n", "1 0 0 0 0 0 0 0 1 a.png\n\n"),
        "words": ("one PINHOLE 4 4 1 1 2 2\n", ""),
        "no images": ("1 PINHOLE 4 4 1 1 2 2\n", ""),
    }.items():
        model = folder / name
        model.mkdir()
        (model / "cameras.txt").write_text(cameras)
        (model / "images.txt").write_text(images)
        yield model


def test_what_is_no_file_of_cameras_is_refused_in_one_sentence(tmp_path):
    wrong = list(files_that_are_wrong(tmp_path))
    assert len(wrong) == 32
    for path in [*wrong, tmp_path / "missing.json", tmp_path]:
        with pytest.raises(LivescapeError) as refused:
            read_cameras(path)
        assert refused.value.code in ("cameras_unreadable", "camera_invalid", "camera_path_invalid")
        assert refused.value.message.endswith("."), path
        assert len(refused.value.message) < 400


def test_our_own_file_keeps_its_reference(tmp_path):
    wanted = some_path()
    wanted = CameraPath(wanted.cameras[2], wanted.cameras, wanted.frames, 30.0)
    write_camera_path(tmp_path / "p.json", wanted)
    found = read_cameras(tmp_path / "p.json").path
    assert found.to_dict() == wanted.to_dict()


def viewer_values(path, **more):
    """Return what nerfstudio's viewer writes of a path."""
    steps = []
    for camera in path.cameras:
        pose = np.linalg.inv(camera.viewmat) @ np.diag([1.0, -1.0, -1.0, 1.0])
        fov = np.degrees(2.0 * np.arctan(camera.height / 2.0 / camera.K[1, 1]))
        aspect = camera.width / camera.height
        steps.append({"camera_to_world": pose.ravel().tolist(), "fov": fov, "aspect": aspect})
    return {
        "keyframes": [], "camera_type": "perspective", "render_height": 360, "render_width": 640,
        "fps": 25, "seconds": 1.0, "camera_path": steps, **more,
    }  # fmt: skip


def centred(seed=1):
    path = some_path((1, 2, 3), seed)
    cameras = []
    for camera in path.cameras:
        K = camera.K.copy()
        K[0, 0], K[:2, 2] = K[1, 1], (320.0, 180.0)
        cameras.append(Camera(640, 360, K, camera.viewmat))
    return CameraPath(cameras[0], tuple(cameras), (1, 2, 3), 25.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_path_of_nerfstudios_viewer_is_read(seed, tmp_path):
    file = tmp_path / "camera_path.json"
    file.write_text(json.dumps(viewer_values(centred(seed))))
    found = read_cameras(file).path
    same(found, centred(seed))
    assert found.fps == 25.0


@pytest.mark.parametrize(("more", "says"), [
    ({"camera_type": "equirectangular"}, "equirectangular"), ({"camera_path": []}, "0 cameras"),
    ({"render_width": "wide"}, "a number"), ({"camera_path": [3]}, "as the viewer writes"),
    ({"camera_path": [{"fov": 50, "camera_to_world": [1, 2]}]}, "2 numbers"),
    ({"camera_path": [{"fov": 50}]}, "camera_to_world"),
])  # fmt: skip
def test_a_viewers_path_that_is_none_is_said(more, says, tmp_path):
    file = tmp_path / "camera_path.json"
    file.write_text(json.dumps(viewer_values(centred(), **more)))
    with pytest.raises(LivescapeError, match=says) as caught:
        read_cameras(file)
    assert caught.value.code == "cameras_unreadable"


@pytest.mark.parametrize(("suffix", "kind"), [(".png", "PNG"), (".jpg", "JPEG")])
def test_the_size_that_a_data_set_of_nerf_does_not_state_is_that_of_its_pictures(
    suffix, kind, tmp_path
):
    pose = np.eye(4).tolist()
    frames = [{"file_path": f"./train/r_{index}", "transform_matrix": pose} for index in range(3)]
    file = tmp_path / "transforms_train.json"
    file.write_text(json.dumps({"camera_angle_x": 0.69, "frames": frames}))
    with pytest.raises(LivescapeError, match="pictures' size"):
        read_cameras(file)
    (tmp_path / "train").mkdir()
    Image.new("RGB", (320, 200)).save(tmp_path / "train" / f"r_0{suffix}", kind)
    found = read_cameras(file).path
    assert [(each.width, each.height) for each in found.cameras] == [(320, 200)] * 3
    assert found.cameras[0].K[0, 0] == pytest.approx(160 / np.tan(0.345))
