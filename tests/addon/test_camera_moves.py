"""Moves are ordinary keyframes of the size that the scene asks for, and are made to fit it."""

import math
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational
from tests.addon.conftest import ROOT, STARTUP_S


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory):
    """The state folder of a server that does what real ones do."""
    folder = tmp_path_factory.mktemp("state")
    paths = [str(ROOT / "backend"), str(ROOT / "shared")]
    command = [sys.executable, "-m", "livescape.server", "--state-dir", str(folder)]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--parent-pid", str(os.getpid())],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + STARTUP_S
        while not (folder / "server" / "server.json").exists() and time.monotonic() < deadline:
            assert process.poll() is None, (folder / "log.txt").read_text()
            time.sleep(0.05)
        yield folder
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """A landscape under a sky, as PNG without Exif and as JPEG with; a portrait on its side."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(4)
    picture = np.empty((200, 320, 3), np.uint8)
    picture[:90] = (150, 190, 235)
    picture[90:] = (70, 110, 60)
    picture[90:] = np.clip(picture[90:] + rng.normal(0, 18, (110, 320, 1)), 0, 255)
    picture[60:150, 200:240] = (60, 45, 40)
    image = Image.fromarray(picture)
    image.save(folder / "plain.png")
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA405] = 28
    image.resize((1280, 800)).save(folder / "with_exif.jpg", exif=exif)
    exif.get_ifd(0x8769).update({0xA002: 1280, 0xA003: 800})
    image.resize((1280, 800)).crop((240, 0, 1040, 800)).save(folder / "square.jpg", exif=exif)
    exif = Image.Exif()
    exif[0x0112] = 6
    ifd = exif.get_ifd(0x8769)
    ifd[0x920A], ifd[0xA210] = IFDRational(5, 1), 3
    ifd[0xA20E] = ifd[0xA20F] = IFDRational(1000, 1)
    ifd[0xA002], ifd[0xA003] = 1000, 625  # 10 mm wide
    image.save(folder / "portrait.jpg", exif=exif)
    (folder / "text.png").write_text("no picture")
    return folder


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory, state_dir, photos):
    folder = tmp_path_factory.mktemp("camera_moves")
    return blender.run("camera_moves.py", folder, state_dir=str(state_dir), photos=str(photos))


def place(found, frame):
    return np.array(found["relative"][str(frame)])


@pytest.mark.parametrize(
    ("kind", "direction"), [("DOLLY", (0, 0, 1)), ("SIDE", (1, 0, 0)), ("UP_DOWN", (0, -1, 0))]
)
def test_straight_moves_go_where_they_say(result, kind, direction):
    found = result["moves"][kind]
    assert found["keys"] == [2]
    np.testing.assert_allclose(place(found, 1), np.eye(4), atol=1e-4)
    travel = place(found, 49)[:3, 3]
    assert np.dot(travel, direction) == pytest.approx(np.linalg.norm(travel), rel=1e-4)
    assert np.linalg.norm(travel) > 0.3
    np.testing.assert_allclose(place(found, 49)[:3, :3], np.eye(3), atol=1e-4)


def test_a_negative_amount_goes_back(result):
    away, back = place(result["moves"]["DOLLY"], 49), place(result["backwards"], 49)
    np.testing.assert_allclose(away[:3, 3], -back[:3, 3], atol=1e-4)


def test_a_zoom_keeps_the_place_and_lengthens_the_lens(result):
    found = result["moves"]["ZOOM"]
    np.testing.assert_allclose(place(found, 49), np.eye(4), atol=1e-4)
    assert found["lens"]["49"] == pytest.approx(1.4, rel=1e-3)


def test_a_circle_closes(result):
    found = result["moves"]["CIRCLE"]
    np.testing.assert_allclose(place(found, 49), np.eye(4), atol=1e-3)
    a, b = place(found, 13)[:3, 3], place(found, 37)[:3, 3]
    assert a[0] == pytest.approx(-b[0], abs=1e-3)
    assert abs(a[0]) > 0.05
    assert place(found, 25)[2, 3] > 0.2, "forward in the middle"


def test_an_orbit_keeps_looking_at_its_middle(result):
    for found in (result["moves"]["ORBIT"], result["parent"]):
        np.testing.assert_allclose(place(found, 1), np.eye(4), atol=1e-3)
        end = place(found, 49)
        turn = math.degrees(math.acos(np.clip((np.trace(end[:3, :3]) - 1) / 2, -1, 1)))
        assert turn == pytest.approx(8.0, abs=0.1)
        rays = [(m[:3, 3], m[:3, 2]) for m in (place(found, 1), place(found, 25), end)]
        centre = rays[0][0] + 18.0 * rays[0][1]
        for origin, forward in rays:
            along = np.dot(centre - origin, forward)
            np.testing.assert_allclose(origin + along * forward, centre, atol=0.02)


def test_a_hand_trembles_and_starts_where_the_photo_was_taken(result):
    found = result["moves"]["HANDHELD"]
    np.testing.assert_allclose(place(found, 1), np.eye(4), atol=1e-3)
    assert found["keys"][0] > 10
    shifts = [np.linalg.norm(place(found, frame)[:3, 3]) for frame in (13, 25, 37, 49)]
    assert 0.01 < max(shifts) < 0.6


@pytest.mark.parametrize("kind", ["SIDE", "CIRCLE", "HANDHELD"])
def test_the_photos_frame_may_lie_within_the_move(result, kind):
    found = result["middle"][kind]
    np.testing.assert_allclose(place(found, 25), np.eye(4), atol=2e-2 if kind != "SIDE" else 5e-3)
    assert np.abs(place(found, 1)[:3, 3]).max() > 0.02


def test_nothing_else_of_the_camera_changes(result):
    for found in result["moves"].values():
        assert found["frame"] == 1
        assert found["scale"] == pytest.approx([1.2] * 3)


def test_the_survey_is_that_of_the_photo(result):
    found = result["survey"]
    assert max(found["shape"]) <= 240
    assert 0.0 < found["near"] <= found["middle"]
    assert found["horizon"] == pytest.approx(0.45, abs=0.1)


@pytest.mark.parametrize("name", ["SIDE", "ORBIT", "parent", "middle", "zoom"])
def test_a_move_that_is_too_large_is_made_to_fit_about_the_photos_frame(result, name):
    found = result["fitted"][name]
    assert found["before"] > 5.0
    assert found["fits"]
    assert found["after"] <= 5.0
    assert found["after"] > 2.0, "smaller than it need be"
    assert found["moved"] < 1e-3, "the photo's own frame has moved"
    if name == "zoom":
        assert found["lens"][0] < found["lens"][1] < 1.0
    elif name != "parent":
        assert 0.0 < found["travel"][1] < found["travel"][0]


def test_a_move_that_fits_stays_as_it_is(result):
    found = result["fitted"]["small"]
    assert found["before"] == found["after"] <= 5.0
    assert found["travel"][0] == found["travel"][1]


def test_a_move_that_changes_is_checked_again_by_itself(result):
    other, camera, begun, is_more, as_asked, slow = result["refreshed"]["seen"]
    assert not other, "something else was moved"
    assert camera
    assert begun
    assert is_more
    assert as_asked
    assert not slow, "reading takes too long to be done unasked"


def test_no_move_is_checked_by_itself_while_something_else_goes_on(result):
    *waiting, begun, is_busy = result["waited"]
    assert waiting == [[pytest.approx(0.6), False, 7]] * 2, "it looks again later"
    assert begun[1:] == [True, 7], "the frame is as it was"
    assert not is_busy


def test_a_check_can_be_cancelled(result):
    said, running, done, still, stopped, kept = result["cancelled"]
    assert "No move is being checked" in said
    assert running
    assert done
    assert not still
    assert stopped, "the server is told"
    assert kept, "what was known from before stays"


def test_a_safe_volume_has_an_end_in_every_direction_aside(result):
    safe = np.array(result["fitted"]["SIDE"]["safe"])
    assert safe.shape == (6,)
    assert (safe[:4] > 0.01).all()


def test_what_keyframes_do_not_move_cannot_be_shrunk_and_that_is_said(result):
    said, code = result["not_keyed"]
    assert code == "move_not_keyed"
    assert "constraint of Camera" in said
    assert "Bake" in said


def test_a_matched_camera_has_the_photos_lens_and_shape(result):
    found = result["matched"]
    assert found["with_exif.jpg"]["lens"] == pytest.approx(28.0)
    assert found["with_exif.jpg"]["size"] == [1000, 624]
    assert found["plain.png"]["size"] == [320, 200]
    assert found["plain.png"]["lens"] == pytest.approx(18 / math.tan(math.radians(25)), rel=1e-5)
    assert found["square.jpg"]["lens"] == pytest.approx(28.0 * 1280 / 800)
    assert found["portrait.jpg"]["size"] == [200, 320]
    assert found["portrait.jpg"]["lens"] == pytest.approx(18.0, rel=1e-3)
    for name in ("with_exif.jpg", "plain.png", "portrait.jpg"):
        assert found[name]["background"] == [name]
        assert found[name]["again"] == [1, 1]


def test_a_matched_camera_is_level_and_looks_down_as_the_horizon_says(result):
    silent = result["matched"]["with_exif.jpg"]["rotation"]
    assert silent == pytest.approx([math.pi / 2, 0, 0], abs=1e-5)
    seen = result["matched"]["plain.png"]["rotation"]
    focal = 160 / math.tan(math.radians(25))
    below = (result["survey"]["horizon"] - 0.5) * 200
    assert seen == pytest.approx([math.pi / 2 + math.atan(below / focal), 0, 0], abs=1e-4)


def test_an_animated_camera_is_not_turned_and_no_picture_is_refused(result):
    before, after = result["matched"]["animated"]
    assert before == after
    assert "is not an image that Blender can read" in result["matched"]["refused"]
