"""Depth maps whose numbers are no metres: what they are taken for, and that it is said."""

import io

import cv2
import numpy as np
import pytest
from tests.contexts import here
from tests.data.files import load_photo

from livescape.depth.file import read_depth_map
from livescape.depth.given import given_depth, reading
from livescape.depth.popup import popup_depth
from livescape.imaging.sampling import resize_image
from livescape.layout.scene_layout import estimate_layout
from livescape_shared.errors import LivescapeError

PHOTO = resize_image(load_photo("eilean_donan"), 320, 200)
K = np.array([[320.0, 0, 160], [0, 320.0, 100], [0, 0, 1]])


@pytest.fixture(scope="module")
def scene():
    """Return the photo's layout and, as truth, its pop-up geometry."""
    layout = estimate_layout(PHOTO)
    return layout, popup_depth(PHOTO, layout, K)


def png(values):
    return cv2.imencode(".png", values)[1].tobytes()


def shares(depth, sky):
    """Return nearness 0..1 as a depth network writes it: 1 nearest, 0 sky."""
    inverse = np.where(sky, 0.0, 1.0 / depth)
    return (inverse - inverse.min()) / np.ptp(inverse)


def files(truth):
    """Return truth as other tools write it, and how each must be read."""
    nearness = shares(truth.depth, truth.sky)
    far = np.where(truth.sky, 0.0, truth.depth / truth.depth[~truth.sky].max())
    return {
        "inverse of 8 bits": (png(np.rint(nearness * 255).astype(np.uint8)), "file_inverse"),
        "inverse of 16 bits": (png(np.rint(nearness * 65535).astype(np.uint16)), "file_inverse"),
        "inverse in floats": (npy(nearness * 3000.0), "file_inverse"),
        "shares of 8 bits": (png(np.rint(far * 255).astype(np.uint8)), "file_linear"),
        "shares in floats": (npy(far), "file_linear"),
        "metres": (npy(np.where(truth.sky, 0.0, truth.depth)), "file"),
    }


def npy(values):
    stream = io.BytesIO()
    np.save(stream, np.asarray(values, np.float32))
    return stream.getvalue()


def depth_of(data, layout, meaning="auto"):
    return given_depth(here(), PHOTO, layout, K, read_depth_map(data, meaning), meaning)


@pytest.mark.parametrize(
    "kind",
    ["inverse of 8 bits", "inverse of 16 bits", "inverse in floats", "shares of 8 bits",
     "shares in floats", "metres"],
)  # fmt: skip
def test_what_the_numbers_mean_is_guessed_and_the_scene_has_its_size(scene, kind):
    layout, truth = scene
    data, source = files(truth)[kind]
    found = depth_of(data, layout)
    assert found.source == source
    near = ~truth.sky & ~found.sky & (truth.depth < 30.0)
    assert near.sum() > 1000
    ratio = found.depth[near] / truth.depth[near]
    assert 0.6 < np.median(ratio) < 1.6
    order = np.corrcoef(np.log(found.depth[near]), np.log(truth.depth[near]))[0, 1]
    assert order > 0.9
    assert bool(reading(found.source)) == (source != "file")


def test_what_the_artist_says_is_not_guessed(scene):
    layout, truth = scene
    data, _ = files(truth)["inverse in floats"]
    assert depth_of(data, layout, "metres").source == "file"
    upside_down, _ = files(truth)["metres"]
    assert depth_of(upside_down, layout, "inverse").source == "file_inverse"


def test_a_map_of_another_shape_is_refused_however_it_is_read(scene):
    layout, _ = scene
    for meaning in ("inverse", "linear", "metres"):
        with pytest.raises(LivescapeError) as caught:
            depth_of(npy(np.linspace(0.1, 1.0, 100 * 100).reshape(100, 100)), layout, meaning)
        assert caught.value.code == "depth_size_mismatch"


@pytest.mark.parametrize("meaning", ["auto", "inverse", "linear", "metres"])
@pytest.mark.parametrize("unknown", [np.nan, np.inf])
def test_a_map_of_next_to_nothing_is_refused_as_a_map(scene, meaning, unknown):
    layout, truth = scene
    values = np.where(truth.sky, 0.0, 1.0 / truth.depth)
    values[:, 30:] = unknown
    if meaning == "metres" and unknown == np.inf:
        values[:] = unknown  # a little depth before the sky would do
    with pytest.raises(LivescapeError) as caught:
        depth_of(npy(values), layout, meaning)
    assert caught.value.code == "depth_invalid"
