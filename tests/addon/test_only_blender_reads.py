"""Pictures that Blender opens and the backend does not reach it as Blender shows them."""

from pathlib import Path

import numpy as np
import pytest

from livescape.imaging.decode import decode_photo

HEIGHT, WIDTH = 96, 128
_Y, _X = np.mgrid[:HEIGHT, :WIDTH]
PICTURE = np.stack([_X / WIDTH, _Y / HEIGHT, 0.2 + 0.5 * (_X + _Y > 100)], -1)


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    path = folder / "picture.npy"
    np.save(path, np.rint(PICTURE * 255) / 255)
    return blender.run("only_blender_reads.py", folder, picture=str(path))


@pytest.mark.parametrize("kind", ["dpx", "cin", "psd", "png"])
def test_the_backend_sees_the_colours_that_blender_shows(result, kind):
    seen = decode_photo(Path(result[kind]).read_bytes()).image
    assert seen.shape == (HEIGHT, WIDTH, 3)
    assert np.abs(seen - PICTURE).max() < 0.03  # Blender holds DPX in linear light of 8 bits


def test_a_mask_is_handed_over_alike_and_nothing_is_left_in_the_file(result):
    assert bytes.fromhex(result["mask"]) == b"\x89PNG"
    assert result["images left"] == 0


def test_a_damaged_one_gets_a_sentence(result):
    assert result["broken"] == "photo_unreadable"
