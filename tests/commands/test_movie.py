"""``livescape movie``: rendered frames as a movie."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import OpenEXR
import pytest
from PIL import Image
from tests.imaging.test_decode import saved

from livescape.cameras.default_path import default_path
from livescape.commands import movie
from livescape.commands.main import main
from livescape.imaging.color.encodings import decode_srgb
from livescape.imaging.png import write_png
from livescape.imaging.video import decode_clip
from livescape_shared.camera import CameraPath, write_camera_path
from livescape_shared.errors import LivescapeError

K = np.array([[140.0, 0, 32], [0, 140.0, 24], [0, 0, 1]])


@pytest.fixture
def frames(tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in (8, 9, 10, 11):
        write_png(folder / f"{number:04d}.png", np.full((48, 64, 3), 20 * number, np.uint8))
    write_png(folder / ".0012.77.png", np.zeros((8, 8, 3), np.uint8))
    return folder


def brightness(path):
    clip = decode_clip(path.read_bytes())
    return clip.fps, [round(float(np.mean(frame)) / 20) for frame in clip.frames]


def test_all_frames_in_their_order(frames, tmp_path):
    assert main(["movie", str(frames), str(tmp_path / "a.mp4"), "--fps", "12.5"]) == 0
    assert brightness(tmp_path / "a.mp4") == (12.5, [8, 9, 10, 11])


def test_chosen_frames_at_the_speed_of_the_path(frames, tmp_path, capsys):
    path = default_path(K, 64, 48, 4)
    still = CameraPath(path.reference, path.cameras, (8, 9, 10, 11), 30.0)
    write_camera_path(tmp_path / "path.json", still)
    words = ["--frames", "8-11:2", "--camera-path", str(tmp_path / "path.json")]
    words += ["--progress", "openjd"]
    assert main(["movie", str(frames), str(tmp_path / "b.mp4"), *words]) == 0
    assert brightness(tmp_path / "b.mp4") == (30.0, [8, 10])
    assert capsys.readouterr().out.splitlines()[0] == "openjd_status: movie"


@pytest.mark.parametrize(
    ("chosen", "says"),
    [([7, 8, 9], "lacks frame 7."), ([1, 2, 3, 8], "lacks frame 1 and 2 more."), ([], "any frame")],
)
def test_frames_that_are_missing_are_named(frames, chosen, says):
    with pytest.raises(LivescapeError) as caught:
        movie.chosen_frames(frames, chosen)
    assert caught.value.code == "frames_missing"
    assert says in caught.value.message


def test_a_gap_is_a_missing_frame_and_leaves_no_movie(frames, tmp_path, capsys):
    (frames / "0009.png").unlink()
    words = ["movie", str(frames), str(tmp_path / "c.mp4"), "--progress", "openjd"]
    assert main(words) == 2
    assert (
        "openjd_fail: frames_missing: The folder frames lacks frame 9." in capsys.readouterr().out
    )
    assert not (tmp_path / "c.mp4").exists()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("3", [3]), ("1-4", [1, 2, 3, 4]), ("1-9:4, 2", [1, 2, 5, 9]), ("-2-1", [-2, -1, 0, 1])],
)
def test_ranges_are_those_of_open_job_description(text, numbers):
    assert movie._numbers(text) == numbers


@pytest.mark.parametrize("text", ["", "a", "4-1", "1-4:0", "1-99999999", "1;2", "--"])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError):
        movie._numbers(text)


KINDS = {
    "exr": lambda values: exr_of(decode_srgb(values)),
    "jpg": lambda values: cv2.imencode(".jpg", np.rint(values * 255)[..., ::-1])[1].tobytes(),
    "tif": lambda values: cv2.imencode(
        ".tif", np.rint(values * 65535)[..., ::-1].astype(np.uint16)
    )[1].tobytes(),
    "webp": lambda values: cv2.imencode(".webp", np.rint(values * 255)[..., ::-1].astype(np.uint8))[
        1
    ].tobytes(),
    "tga": lambda values: saved(Image.fromarray(np.rint(values * 255).astype(np.uint8)), "TGA"),
}


def exr_of(light):
    """Return what Blender writes as OpenEXR MultiLayer."""
    names = ("ViewLayer.Combined.R", "ViewLayer.Combined.G", "ViewLayer.Combined.B")
    planes = {name: np.ascontiguousarray(light[..., at]) for at, name in enumerate(names)}
    planes["ViewLayer.AO.R"] = planes["ViewLayer.AO.G"] = planes["ViewLayer.AO.B"] = planes[
        names[1]
    ]
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with TemporaryDirectory() as folder:
        OpenEXR.File(header, planes).write(f"{folder}/a.exr")
        return (Path(folder) / "a.exr").read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_frames_of_every_kind_that_blender_renders(kind, tmp_path):
    colour = np.array([0.9, 0.5, 0.2], np.float32)
    for number in (1, 2, 3):
        values = np.broadcast_to(colour * number / 3.0, (48, 64, 3)).astype(np.float32)
        (tmp_path / f"{number:04d}.{kind}").write_bytes(KINDS[kind](values))
    (tmp_path / "notes.txt").write_text("not a frame")
    assert main(["movie", str(tmp_path), str(tmp_path / "a.mp4")]) == 0
    for number, frame in enumerate(decode_clip((tmp_path / "a.mp4").read_bytes()).frames, 1):
        np.testing.assert_allclose(frame.mean((0, 1)) / 255.0, colour * number / 3.0, atol=0.02)


def test_a_frame_that_is_damaged_is_named(tmp_path, capsys):
    for number in (1, 2):
        (tmp_path / f"{number:04d}.exr").write_bytes(b"\x76\x2f\x31\x01 cut off")
    assert main(["movie", str(tmp_path), str(tmp_path / "a.mp4")]) == 2
    assert "0001.exr cannot be read" in capsys.readouterr().err
    assert not (tmp_path / "a.mp4").exists()
