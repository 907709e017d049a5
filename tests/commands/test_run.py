"""``livescape run`` on a small crop of the demo photo, in this process and in one of its own."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from plyfile import PlyData
from pxr import Usd

from livescape.cameras.default_path import default_path
from livescape.commands import run as command
from livescape.commands.main import main
from livescape.evaluate.metrics import psnr
from livescape.imaging.png import read_pixels, read_png, write_png
from livescape.imaging.video import decode_clip
from livescape.stages.door import read_inputs
from livescape_shared.cache.manifest import check_hashes, read_manifest
from livescape_shared.cache.names import POINT_CACHE
from livescape_shared.cache.pc2 import read_pc2
from livescape_shared.camera import CameraPath, write_camera_path
from livescape_shared.ply import read_ply

ROOT = Path(__file__).parents[2]
SMALL = ("working_size 128", "gaussian_budget 3000", "fit_iterations 60", "views 2",
         "deform_iterations 2", "loop_frames 6")  # fmt: skip
FRAMES = 6


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    image = read_pixels(ROOT / "demo" / "chenonceau_river.jpg")
    path = tmp_path_factory.mktemp("photo") / "small.png"
    write_png(path, cv2.resize(image[200:650, :600], (160, 120)))
    return path


def settings():
    return [word for setting in SMALL for word in ("--set", *setting.split())]


@pytest.fixture(scope="module")
def rendered(photo, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    command = [
        "run", str(photo), *settings(), "--render", str(folder / "frames"),
        "--out", str(folder / "out"), "--cache-dir", str(folder / "cache"),
    ]  # fmt: skip
    assert main(command) == 0
    return folder


def test_every_frame_of_the_path_is_written(rendered):
    names = sorted(path.name for path in (rendered / "frames").glob("*.png"))
    assert names == [f"{n:04d}.png" for n in range(1, FRAMES + 1)]


def test_the_first_frame_is_the_photo(rendered, photo):
    first = read_png(rendered / "frames" / "0001.png")
    expected = cv2.resize(read_pixels(photo), first.shape[1::-1],
                          interpolation=cv2.INTER_AREA) / 255.0  # fmt: skip
    assert psnr(first, expected.astype(np.float32)) > 24.0


def test_the_video_holds_all_frames_at_the_right_rate(rendered):
    clip = decode_clip((rendered / "frames" / "shot.mp4").read_bytes())
    assert clip.fps == 24
    assert len(clip.frames) == FRAMES


def test_report_and_ply_agree(rendered):
    report = json.loads((rendered / "out" / "report.json").read_text())
    scene = read_ply(rendered / "out" / "first_frame.ply")
    assert len(scene) == report["gaussians"] <= 3000
    assert report["reference_view_psnr"] > 24.0
    assert report["loop_error"] < 1e-5
    assert set(report["seconds"]) >= {"layout", "depth", "optimise", "deform"}


def test_a_camera_path_file_is_followed(rendered, photo, tmp_path):
    K = np.array([[140.0, 0, 64], [0, 140.0, 48], [0, 0, 1]])
    path = default_path(K, 128, 96, 4)
    write_camera_path(
        tmp_path / "path.json", CameraPath(path.reference, path.cameras, (7, 8, 9, 10))
    )
    command = [
        "run", str(photo), *settings(), "--camera-path", str(tmp_path / "path.json"),
        "--render", str(tmp_path / "frames"), "--frames", "8,10", "--cache-dir",
        str(rendered / "cache"),
    ]  # fmt: skip
    assert main(command) == 0
    assert sorted(p.name for p in (tmp_path / "frames").iterdir()) == ["0008.png", "0010.png"]
    assert read_png(tmp_path / "frames" / "0008.png").shape == (96, 128, 3)


def test_splats_are_exported_for_other_programs(rendered, photo, tmp_path):
    """The cached scene; each file opened by somebody else's reader."""
    names = ("still.ply", "still.spz", "all_###.ply", "shot.usdc")
    exports = [word for name in names for word in ("--export", str(tmp_path / name))]
    command = ["run", str(photo), *settings(), *exports, "--frames", "1,4", "--cache-dir",
               str(rendered / "cache")]  # fmt: skip
    assert main(command) == 0
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == ["all_001.ply", "all_004.ply", "shot.usdc", "still.ply", "still.spz"]
    first, fourth = (PlyData.read(tmp_path / f"all_00{n}.ply")["vertex"] for n in (1, 4))
    scene = read_ply(rendered / "out" / "first_frame.ply")
    np.testing.assert_allclose(first["z"], scene.means[:, 1], atol=1e-4)
    np.testing.assert_allclose(-first["y"], scene.means[:, 2], atol=1e-4)
    assert np.abs(fourth["opacity"] - first["opacity"]).max() > 0.1
    stage = Usd.Stage.Open(str(tmp_path / "shot.usdc"))
    positions = stage.GetAttributeAtPath("/Livescape/Splats.positions")
    assert positions.GetTimeSamples() == [1, 4]
    np.testing.assert_allclose(np.array(positions.Get(1)), scene.means, atol=1e-4)


def test_what_blender_plays_is_written_beside_the_blend_and_only_once(
    rendered, photo, tmp_path, monkeypatch, capsys
):
    """A Blender plays such a cache in tests/addon/test_farm.py."""
    words = [str(photo), *settings(), "--blend", str(tmp_path / "shot.blend"), "--object", "River",
             "--cache-dir", str(rendered / "cache")]  # fmt: skip
    assert main(["run", *words]) == 0
    (folder,) = (tmp_path / "livescape").iterdir()
    manifest = read_manifest(folder)
    check_hashes(folder, manifest)
    report = json.loads((rendered / "out" / "report.json").read_text())
    assert manifest.name == "River"
    assert manifest.scene.static + manifest.scene.moving == report["gaussians"]
    assert len(read_pc2(folder / POINT_CACHE)) == FRAMES + 1

    def never(*_):
        raise AssertionError("the scene was begun")

    monkeypatch.setattr(command, "living_scene", never)
    assert main(["run", *words]) == 0
    assert f"{folder.name} is there already" in capsys.readouterr().err
    with pytest.raises(AssertionError, match="was begun"):
        main(["run", *words, "--settings", '{"speed": 2.0}'])
    with pytest.raises(AssertionError, match="was begun"):
        main(["run", *words, "--object", "Another"])
    assert list((tmp_path / "livescape").iterdir()) == [folder]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["missing.jpg"], "input_unreadable"),
        (["PHOTO", "--set", "speed", "fast"], "settings_invalid"),
        (["PHOTO", "--set", "nonsense", "1"], "settings_invalid"),
        (["PHOTO", "--set", "changed", "1"], "settings_invalid"),
        (["PHOTO", "--set", "speed", "-1"], "settings_invalid"),
        (["PHOTO", "--camera-path", "PHOTO"], "cameras_unreadable"),
        (["PHOTO", "--hints", "PHOTO"], "annotation_invalid"),
        (["PHOTO", "--flow", "PHOTO"], "flow_invalid"),
        (["PHOTO", "--render", "PHOTO/frames"], "output_not_writable"),
        (["PHOTO", "--export", "PHOTO/still.ply"], "output_not_writable"),
        (["PHOTO", "--blend", "PHOTO/shot.blend"], "cache_not_writable"),
        (["PHOTO", "--settings", '{"speed": -1}'], "settings_invalid"),
        (["PHOTO", "--settings", '{"nonsense": 1}'], "settings_invalid"),
        (["PHOTO", "--export", "PHOTO"], "export_format_unknown"),
        (["PHOTO", "--frames", "1,99"], "settings_invalid"),
        (["PHOTO", "--frames", "first"], "settings_invalid"),
    ],
)
def test_bad_input_is_one_sentence_with_a_code(words, code, photo, rendered, capsys):
    words = [word.replace("PHOTO", str(photo)) for word in words]
    if "--cache-dir" not in words:
        words += ["--cache-dir", str(rendered / "cache")]
    assert main(["run", *words[:1], *settings(), *words[1:]]) == 2
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last.startswith(f"{code}: ")
    assert "Traceback" not in last


@pytest.mark.parametrize("text", ["", "{", "[1]", "3", "[" * 100_000])
def test_settings_that_are_no_map_are_refused(text, photo, capsys):
    with pytest.raises(SystemExit):
        main(["run", str(photo), "--settings", text])
    assert "is not a map in JSON" in capsys.readouterr().err


def test_no_file_can_be_said_by_no_text(photo, tmp_path, monkeypatch):
    """The fixed words of a farm's job name every option."""
    asked = []
    monkeypatch.setattr(command, "living_scene", lambda _, request: asked.append(request) or 1 / 0)
    words = ["--hints=", "--mask=", "--depth=", "--flow=", "--clip=", "--settings", "{}"]
    with pytest.raises(ZeroDivisionError):
        main(["run", str(photo), *settings(), *words, "--cache-dir", str(tmp_path / "cache")])
    assert (asked[0].hints, asked[0].mask) == (b"", b"")


def test_masks_of_a_folder_and_the_photos_part_of_a_data_set_are_sent(photo, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(command, "living_scene", lambda _, request: asked.append(request) or 1 / 0)
    height, width = read_pixels(photo).shape[:2]
    (tmp_path / "masks").mkdir()
    for number in range(2):
        part = np.zeros((height, width), np.uint8)
        part[:, number * 20 : number * 20 + 10] = 255
        picture = cv2.imencode(".png", part)[1].tobytes()
        (tmp_path / "masks" / f"{number}.png").write_bytes(picture)
    images = [
        {"id": number, "file_name": name, "width": width, "height": height}
        for number, name in enumerate(("other.jpg", photo.name))
    ]
    corners = [0, 0, width, 0, width, height]
    entry = {"category_id": 1, "segmentation": [corners]}
    data = {
        "images": images,
        "annotations": [{**entry, "image_id": number} for number in range(2)],
        "categories": [{"id": 1, "name": "river"}],
    }
    (tmp_path / "set.json").write_text(json.dumps(data))
    words = ["--mask", str(tmp_path / "masks"), "--hints", str(tmp_path / "set.json")]
    with pytest.raises(ZeroDivisionError):
        main(["run", str(photo), *settings(), *words, "--cache-dir", str(tmp_path / "cache")])
    inputs = read_inputs(asked[0])
    assert inputs.mask.shape == (height, width)
    assert inputs.mask[:, [5, 25]].min() == 1.0
    assert inputs.mask[:, [15, 35]].max() == 0.0
    assert len(inputs.annotation.polygons) == 1
    assert inputs.settings.motion == "auto"


@pytest.mark.parametrize("option", ["--out", "--render", "--export"])
def test_a_folder_that_cannot_be_written_is_said_before_the_work(
    option, photo, tmp_path, monkeypatch, capsys
):
    def never(*_):
        raise AssertionError("the scene was begun")

    monkeypatch.setattr(command, "living_scene", never)
    wanted = photo / "folder" / "still.ply" if option == "--export" else photo / "folder"
    words = [str(photo), *settings(), option, str(wanted), "--cache-dir", str(tmp_path)]
    assert main(["run", *words]) == 2
    assert "output_not_writable: " in capsys.readouterr().err


@pytest.mark.parametrize("name", ["photo", "view.jpeg_large", "河の写真.png"])
def test_the_name_of_a_photo_does_not_matter(name, photo, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(command, "living_scene", lambda _, request: asked.append(request) or 1 / 0)
    (tmp_path / name).write_bytes(photo.read_bytes())
    with pytest.raises(ZeroDivisionError):
        main(["run", str(tmp_path / name), *settings(), "--cache-dir", str(tmp_path / "cache")])
    assert asked[0].photo == photo.read_bytes()


def test_it_runs_as_a_program_and_doctor_is_content(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "livescape", "doctor"],
        capture_output=True, text=True, timeout=120, check=False,
        env={"PATH": "", "PYTHONPATH": f"{ROOT}/backend:{ROOT}/shared",
             "LIVESCAPE_STATE_DIR": str(tmp_path), "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "engine: " in done.stdout
