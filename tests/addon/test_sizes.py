"""Objects are as large as what they show, and photos are shown as the artist chooses."""

import io

import numpy as np
import pytest
from PIL import Image
from tests.server import harness  # noqa: F401  it makes the add-on's rooms importable without bpy

from generate import framing
from livescape.cameras.photo_camera import photo_camera
from livescape.imaging.decode import decode_photo
from livescape_shared.camera import Camera

KINDS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "tif": "TIFF"}


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 96, 3), np.uint8))
    image.transpose(Image.Transpose.ROTATE_90).save(folder / "portrait.png")
    for ending, kind in KINDS.items():
        image.save(folder / f"plain.{ending}", kind)
        for orientation in (3, 6, 8) if kind != "TIFF" else ():
            exif = Image.Exif()
            exif[0x010F] = "A maker of cameras"
            exif[0x0112] = orientation
            image.save(folder / f"turned_{orientation}.{ending}", kind, exif=exif)
    data = io.BytesIO()
    image.save(data, "JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff\x01")
    (folder / "broken.jpg").write_bytes(data.getvalue())
    return folder


@pytest.fixture(scope="module")
def result(blender, job_server, photos, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIVESCAPE_STATE_DIR", str(job_server))
        patch.delenv("LIVESCAPE_PYTHON", raising=False)
        return blender.run("sizes.py", tmp_path_factory.mktemp("sizes"), photos=str(photos))


def test_another_unit_gives_the_same_size(result):
    first, *others = result["units"]
    np.testing.assert_allclose(others[:3], first, rtol=1e-4)
    np.testing.assert_allclose(others[3:7], 2 * first, rtol=1e-4, err_msg="the artist's own scale")
    assert others[7] == pytest.approx(first, rel=1e-4)


def test_an_object_that_does_not_know_its_unit_was_made_for_that_of_its_file(result):
    wanted, found = result["early"]
    assert found == pytest.approx(wanted, rel=1e-4)


def test_photos_are_measured_the_right_way_up(result, photos):
    wanted = {
        path.name: list(decode_photo(path.read_bytes()).image.shape[1::-1])
        for path in photos.iterdir()
    }
    assert result["photos"] == wanted
    assert wanted["turned_6.jpg"] == [64, 96]


def test_a_portrait_that_fits_lies_whole_in_the_frame(result):
    found = result["requests"]
    frame, crop, fit = (Camera.from_dict(found[name]) for name in ("frame", "CROP", "FIT"))
    width, height = found["size"]
    assert (width, height) == (64, 96)
    seen = {name: _corners(photo_camera(camera, width, height), frame)
            for name, camera in (("crop", crop), ("fit", fit))}  # fmt: skip
    assert seen["fit"].min() >= -1.0
    assert (seen["fit"] <= [frame.width + 1, frame.height + 1]).all()
    assert seen["fit"][:, 1].max() - seen["fit"][:, 1].min() == pytest.approx(180, abs=1.5)
    np.testing.assert_allclose(seen["fit"].mean(0), [160, 90], atol=1.0)
    assert seen["crop"][:, 1].min() < -50, "the photo fills the frame and goes on beyond it"


def _corners(taken, frame):
    """Return where the corners of a photo lie in a frame, in its pixels."""
    corners = [(x, y, 1.0) for x in (0, taken.width) for y in (0, taken.height)]
    rays = np.array(corners) @ np.linalg.inv(taken.K).T
    seen = rays @ frame.K.T
    return seen[:, :2] / seen[:, 2:]


def test_what_is_cut_off_is_said(result):
    assert "The frame shows 38% of the photo" in result["requests"]["warned"]


@pytest.mark.parametrize(
    ("photo", "frame", "share"),
    [((600, 900), (1920, 1080), 0.375), ((1920, 1080), (600, 900), 0.375), ((400, 300), (4, 3), 1)],
)
def test_how_much_of_a_photo_is_shown(photo, frame, share):
    assert framing.shown_share(photo, frame) == pytest.approx(share)
    said = framing.sentence(photo, frame)
    assert (said == "") == (share == 1)
    if said:
        assert ("above and below" in said) == (photo[0] < photo[1])


def test_a_photo_without_a_size_says_nothing():
    assert framing.sentence((0, 0), (1920, 1080)) == ""


def test_what_generate_takes_is_said_and_what_there_is_too_little_of(result):
    found = result["needs"]
    assert "of memory" in found["said"]
    assert found["disk"] > 0
    assert found["enough"] == found["unknown"] == []
    assert [each.split(":")[0] for each in found["little"]] == [
        "Memory may run out", "The disk may fill up",
    ]  # fmt: skip
    assert [each.split(":")[0] for each in found["full"]] == ["The disk may fill up"]
    assert found["without a photo"] is None
