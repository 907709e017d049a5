"""The focal length that a file states, in every way in which cameras and editors state it."""

import io

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageFile
from PIL.TiffImagePlugin import IFDRational

from livescape.cameras.photo_camera import default_intrinsics
from livescape.imaging.decode import decode_photo
from livescape.imaging.exif import Exif, read_exif

BASE = ExifTags.Base
CANON = {  # a 6000 x 4000 camera with a 22.3 mm wide sensor, 6.8 million pixels to the metre
    BASE.FocalLength: 18.0,
    BASE.FocalPlaneXResolution: 6000 / 22.3 * 25.4,
    BASE.FocalPlaneYResolution: 4000 / 14.9 * 25.4,
    BASE.FocalPlaneResolutionUnit: 2,
    BASE.ExifImageWidth: 6000,
    BASE.ExifImageHeight: 4000,
}


def file_with(tags, size=(108, 72), orientation=1):
    exif = Image.Exif()
    exif[BASE.Orientation] = orientation
    exif.get_ifd(ExifTags.IFD.Exif).update(tags)
    stream = io.BytesIO()
    Image.fromarray(np.full((size[1], size[0], 3), 99, np.uint8)).save(stream, "JPEG", exif=exif)
    return stream.getvalue()


def focal(tags, **options):
    return read_exif(file_with(tags, **options)).focal_35mm


@pytest.mark.parametrize("orientation", [1, 6])
def test_the_sensor_s_pitch_gives_the_focal_length_even_of_a_photo_scaled_down(orientation):
    expected = 18.0 / 22.3 * 36.0
    assert focal(CANON, orientation=orientation) == pytest.approx(expected, rel=1e-4)
    photo = decode_photo(file_with(CANON, orientation=orientation))
    K = default_intrinsics(photo, *photo.size)
    assert K[0, 0] == pytest.approx(18.0 / 22.3 * 108, rel=1e-4)


@pytest.mark.parametrize(("unit", "millimetres"), [(2, 25.4), (3, 10.0), (4, 1.0), (5, 0.001)])
def test_every_unit_of_the_pitch(unit, millimetres):
    pitch = {
        BASE.FocalPlaneXResolution: 6000 / 22.3 * millimetres,
        BASE.FocalPlaneYResolution: 4000 / 14.9 * millimetres,
        BASE.FocalPlaneResolutionUnit: unit,
    }
    assert focal(CANON | pitch) == pytest.approx(18.0 / 22.3 * 36.0, rel=1e-3)


def test_without_a_unit_inches_are_meant_and_without_a_size_the_file_s():
    silent = {tag: value for tag, value in CANON.items() if tag != BASE.FocalPlaneResolutionUnit}
    assert focal(silent) == pytest.approx(18.0 / 22.3 * 36.0, rel=1e-4)
    whole = {BASE.FocalLength: 18.0, BASE.FocalPlaneXResolution: 960 / 22.3 * 25.4}
    assert focal(whole, size=(960, 640)) == pytest.approx(18.0 / 22.3 * 36.0, rel=1e-4)


def test_a_stated_equivalent_wins():
    assert focal(CANON | {BASE.FocalLengthIn35mmFilm: 35}) == 35.0
    assert focal(CANON | {BASE.FocalLengthIn35mmFilm: 0}) == pytest.approx(29.06, rel=1e-3)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {BASE.FocalLength: 18.0},
        CANON | {BASE.FocalLength: 0.0},
        CANON | {BASE.FocalLength: IFDRational(18, 0)},
        CANON | {BASE.FocalPlaneXResolution: 0.0, BASE.FocalPlaneYResolution: 0.0},
        CANON | {BASE.FocalPlaneXResolution: IFDRational(0, 0),
                 BASE.FocalPlaneYResolution: IFDRational(0, 0)},
        CANON | {BASE.FocalPlaneResolutionUnit: 1},
        CANON | {BASE.FocalPlaneResolutionUnit: 77},
        CANON | {BASE.FocalPlaneXResolution: 1e9, BASE.FocalPlaneYResolution: 1e9},
        {BASE.FocalLengthIn35mmFilm: 1},
        {BASE.FocalLengthIn35mmFilm: 65000},
    ],
)  # fmt: skip
def test_what_cannot_be_true_counts_as_not_stated(tags):
    assert focal(tags) == 0.0


def test_what_is_no_image_states_nothing():
    assert read_exif(b"") == read_exif(b"GIF89a nonsense") == Exif()


@pytest.mark.parametrize("before", [True, False])
def test_a_png_says_it_before_or_after_its_pixels_and_neither_is_decoded(monkeypatch, before):
    exif = Image.Exif()
    exif[BASE.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.Exif).update(CANON)
    stream = io.BytesIO()
    Image.fromarray(np.full((72, 108, 3), 99, np.uint8)).save(stream, "PNG", exif=exif)
    data = stream.getvalue()
    start = data.index(b"eXIf") - 4
    chunk = data[start : start + 12 + int.from_bytes(data[start : start + 4])]
    end = data.index(b"IEND") - 4
    late = data.replace(chunk, b"")
    late = late[: end - len(chunk)] + chunk + late[end - len(chunk) :]
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("it was decoded"))
    found = read_exif(data if before else late)
    assert (found.orientation, found.focal_35mm) == (6, pytest.approx(29.06, rel=1e-3))
    assert read_exif(data.replace(chunk, b"")) == Exif()


TAKEN = {BASE.FocalLengthIn35mmFilm: 24, BASE.ExifImageWidth: 4000, BASE.ExifImageHeight: 3000}


@pytest.mark.parametrize(
    ("size", "factor"),
    [
        ((400, 300), 1.0), ((401, 300), 1.0), ((300, 400), 1.0),  # scaled, and turned
        ((4000, 2250), 1.0), ((800, 450), 1.0),  # 16:9 of a 4:3 picture is as wide
        ((3000, 3000), 4 / 3), ((600, 600), 4 / 3),  # a square of its height
        ((320, 400), 4000 / 3000), ((1800, 3000), 4000 / 3000),  # upright parts of its height
        ((4000, 1000), 1.0),
    ],
)  # fmt: skip
def test_a_picture_that_was_cropped_shows_as_much_as_is_left(size, factor):
    assert focal(TAKEN, size=size) == pytest.approx(24 * factor, rel=1e-3)
    silent = {BASE.FocalLengthIn35mmFilm: 24}
    assert focal(silent, size=size) == 24.0


@pytest.mark.parametrize(("ratio", "factor"), [(2.0, 2.0), (1.0, 1.0), (0.0, 1.0), (0.5, 1.0)])
def test_digital_zoom_lengthens_the_lens_once(ratio, factor):
    zoomed = {BASE.DigitalZoomRatio: ratio}
    assert focal(CANON | zoomed) == pytest.approx(18.0 / 22.3 * 36.0 * factor, rel=1e-3)
    assert focal(TAKEN | zoomed, size=(400, 300)) == 24.0
