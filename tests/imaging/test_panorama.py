"""Panoramas of 360 degrees are told from pictures that are only twice as wide as high."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from livescape.imaging.decode import decode_photo
from livescape.imaging.panorama import is_panorama

PHOTOS = sorted((Path(__file__).parents[1] / "data" / "photos").glob("*.jpg"))
WORLDS = sorted(Path(__file__).parents[2].glob(".venv-blender*/**/studiolights/world/*.exr"))
"""Panoramas of real places that Blender brings, without a word on what they are."""


def directions(height):
    """Return the directions [H, 2 H, 3] that the pixels of a panorama show."""
    up = (0.5 - (np.arange(height) + 0.5) / height) * np.pi
    around = (np.arange(2 * height) + 0.5) / height * np.pi
    level = np.cos(up)[:, None]
    return np.stack(
        [level * np.cos(around), level * np.sin(around), np.sin(up)[:, None] + 0 * around], axis=-1
    )


def landscape(seed, height=300):
    """Return a sky, hills and ground, all around."""
    rng = np.random.default_rng(seed)
    where = directions(height)
    picture = np.zeros((*where.shape[:2], 3))
    for scale in (2.0, 5.0, 12.0, 30.0, 70.0):
        for _ in range(6):
            wave = np.sin(where @ rng.normal(size=3) * scale + rng.uniform(0, 6.3))
            picture += wave[..., None] * rng.uniform(-0.4, 0.4, 3) / scale**0.5
    hills = 0.15 * np.sin(3 * np.arctan2(where[..., 1], where[..., 0]) + seed)
    ground = where[..., 2] < hills
    picture[~ground] = picture[~ground] * 0.1 + (0.5, 0.7, 0.9)
    picture[ground] = picture[ground] * 0.5 + (0.3, 0.35, 0.2)
    return np.clip(picture, 0, 1).astype(np.float32)


def read(path):
    return cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR).astype(np.float32) / 255


def as_jpeg(picture, quality):
    data = cv2.imencode(".jpg", np.rint(picture * 255), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(data, 1).astype(np.float32) / 255


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("height", [300, 731])
def test_a_sphere_is_known_wherever_its_edges_are(seed, height):
    whole = landscape(seed, height)
    for turn in (0, height // 3, height):
        picture = as_jpeg(np.roll(whole, turn, axis=1), 85)
        assert is_panorama(b"", picture)
    view = whole[height // 4 : height // 4 + height // 2, :height]
    assert not is_panorama(b"", view)


@pytest.mark.parametrize("path", PHOTOS, ids=lambda path: path.stem)
def test_photos_of_the_same_shape_are_photos(path):
    photo = read(path)
    height, width = photo.shape[:2]
    for share in (1.0, 0.7, 0.45):
        high = min(int(width * share) // 2, height)
        for top in np.linspace(0, height - high, 5).astype(int):
            for left in np.linspace(0, width - 2 * high, 5).astype(int):
                crop = photo[top : top + high, left : left + 2 * high]
                assert not is_panorama(b"", crop), (top, left, high)


@pytest.mark.parametrize("path", PHOTOS[:4], ids=lambda path: path.stem)
def test_a_mirrored_photo_is_no_sphere(path):
    """Its edges meet, but its first and last row are no points."""
    photo = read(path)
    height, width = photo.shape[:2]
    both = np.concatenate([photo, photo[:, ::-1]], axis=1)
    high = min(width, height)
    assert not is_panorama(b"", cv2.resize(both[height - high :], (2 * high, high)))


def test_what_is_the_same_in_every_column_tells_nothing():
    """A misty sea: its edges are alike because everything is."""
    rng = np.random.default_rng(0)
    rows = np.linspace(0.8, 0.3, 256, dtype=np.float32)[:, None, None]
    sea = np.broadcast_to(rows, (256, 512, 3)) + (np.arange(256) > 120)[:, None, None] * 0.1
    grain = rng.normal(0, 0.01, sea.shape).astype(np.float32)
    assert not is_panorama(b"", np.clip(sea + grain, 0, 1))


@pytest.mark.skipif(not WORLDS, reason="no Blender has brought panoramas")
@pytest.mark.parametrize("path", WORLDS, ids=lambda path: path.stem)
def test_pictures_that_light_a_scene_are_known(path):
    assert is_panorama(b"", decode_photo(path.read_bytes()).image)
