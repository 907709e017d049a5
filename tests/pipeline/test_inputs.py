"""What the artist sent: decoded onto the working grid, or refused in one sentence."""

import io
import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.contexts import here
from tests.imaging.test_panorama import landscape
from tests.pipeline.support import HEIGHT, WIDTH, camera, crop, npy, path, png, request

from livescape.layout.types import GROUND, SKY, WATER, SceneLayout
from livescape.stages import depth as depth_stage
from livescape.stages.door import read_inputs
from livescape.stages.layers import motion_mask
from livescape_shared.camera import CameraPath
from livescape_shared.errors import LivescapeError

SIZE = (96, 128)


def labelme(*shapes):
    entries = [{"label": label, "points": points} for label, points in shapes]
    return json.dumps({"imageWidth": WIDTH, "imageHeight": HEIGHT, "shapes": entries}).encode()


def layout(water=0.0):
    """Sky above row 30, and water below row 60."""
    probabilities = np.zeros((5, *SIZE), np.float32)
    probabilities[SKY, :30] = 1.0
    probabilities[WATER, 60:] = water
    probabilities[GROUND] = 1.0 - probabilities.sum(axis=0)
    falls, flows = np.zeros(SIZE, np.float32), np.ones(SIZE, np.float32)
    return SceneLayout(probabilities, 50.0, falls, flows, falls)


def code_of(call, *arguments):
    with pytest.raises(LivescapeError) as caught:
        call(*arguments)
    return caught.value.code


def test_photo_and_cameras_are_brought_to_the_working_size():
    large = CameraPath(camera(width=1920, height=1080), (camera(width=640, height=480),), (1,))
    inputs = read_inputs(request(large))
    assert inputs.image.shape == (96, 128, 3)
    assert {(c.width, c.height) for c in (inputs.camera, *inputs.path)} == {(128, 96)}
    # The wide frame spans the photo's width, the other one all of it.
    assert inputs.camera.K[0, 0] == pytest.approx(1.07 * 128)
    assert inputs.path[0].K[0, 0] == pytest.approx(1.07 * 128)
    assert (inputs.mask, inputs.annotation, inputs.flow) == (None, None, None)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_masks_of_every_kind_mean_the_same(dtype, channels):
    grey = np.zeros((HEIGHT, WIDTH), dtype)
    grey[60:] = np.iinfo(dtype).max
    image = grey if channels == 1 else np.repeat(grey[..., None], channels, axis=2)
    if channels == 4:
        image[..., 3] = np.iinfo(dtype).max
    inputs = read_inputs(request(files={"mask": png(image)}))
    np.testing.assert_array_equal(inputs.mask, grey > 0)
    mask = motion_mask(inputs, layout())
    assert mask.shape == SIZE
    np.testing.assert_allclose(mask[:47], 0.0, atol=1e-3)
    np.testing.assert_allclose(mask[49:], 1.0, atol=1e-3)


def test_a_given_mask_wins_over_polygons_and_polygons_over_the_photo():
    polygon = labelme(("motion", [[0, 0], [80, 0], [80, 120], [0, 120]]))
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[:, 120:] = 255
    both = read_inputs(request(files={"mask": png(mask), "hints": polygon}))
    assert motion_mask(both, layout(1.0))[:, :90].max() < 0.01
    drawn = read_inputs(request(files={"hints": polygon}))
    found = motion_mask(drawn, layout(1.0))
    np.testing.assert_allclose(found[:, :63], 1.0, atol=0.01)
    np.testing.assert_allclose(found[:, 65:], 0.0, atol=0.01)
    bare = read_inputs(request())
    assert motion_mask(bare, layout(1.0))[70:].mean() > 0.9
    still = replace(both, settings=both.settings.changed(motion="none"))
    assert not motion_mask(still, layout(1.0)).any()


def test_hints_without_a_polygon_move_what_the_photo_says():
    hints = labelme(("hint", [[10, 100], [60, 100]]))
    inputs = read_inputs(request(files={"hints": hints}, motion="hints"))
    assert inputs.annotation.hints.shape == (1, 2, 2)
    assert motion_mask(inputs, layout(1.0))[70:].mean() > 0.9


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"mask": b"no image"}, "mask_invalid"),
        ({"mask": png(np.full((20, 8200), 255, np.uint8))}, "mask_invalid"),
        ({"hints": b"{"}, "annotation_invalid"),
        ({"hints": labelme()}, "annotation_empty"),
        ({"flow": b"no array"}, "flow_invalid"),
        ({"flow": npy(np.zeros((4, 4)))}, "flow_invalid"),
        ({"flow": npy(np.full((4, 4, 2), np.nan))}, "flow_invalid"),
    ],
)
def test_files_that_make_no_sense_are_refused(files, code):
    assert code_of(read_inputs, request(files=files)) == code


def test_a_photo_that_makes_no_sense_is_refused():
    assert code_of(read_inputs, request(photo=b"no image")) == "photo_unreadable"
    assert code_of(read_inputs, request(photo=png(np.zeros((40, 40), np.uint8)))) == (
        "photo_too_small"
    )


def test_a_mask_of_another_shape_is_refused():
    inputs = read_inputs(request(files={"mask": png(np.zeros((HEIGHT, HEIGHT), np.uint8))}))
    assert code_of(motion_mask, inputs, layout()) == "mask_size_mismatch"


def find_depth(asked):
    return depth_stage.run(here(), read_inputs(asked), layout())


def test_depth_from_a_file_of_either_kind():
    metres = np.linspace(40, 3, HEIGHT * WIDTH, dtype=np.float32).reshape(HEIGHT, WIDTH)
    as_npy = request(files={"depth": npy(metres)})
    as_png = request(files={"depth": png(np.round(metres * 100).astype(np.uint16))})
    first, second = (find_depth(asked) for asked in (as_npy, as_png))
    assert first.source == second.source == "file"
    assert first.depth.shape == SIZE
    np.testing.assert_allclose(first.depth, second.depth, rtol=0.03)  # centimetres, rounded
    expected = cv2.resize(metres, (128, 96), interpolation=cv2.INTER_AREA)
    assert np.abs(first.depth / expected - 1).max() < 0.1


def test_a_given_depth_is_used_even_if_the_settings_name_the_estimator():
    asked = request(files={"depth": npy(np.full((HEIGHT, WIDTH), 9.0))}, depth="popup")
    assert find_depth(asked).source == "file"


def test_depth_from_a_file_without_a_file_is_refused():
    asked = request(depth="file")
    assert code_of(find_depth, asked) == "depth_file_missing"


def test_the_path_keeps_its_frames():
    inputs = read_inputs(request(path(frames=3)))
    steps = np.diff([view.position for view in inputs.path], axis=0)
    np.testing.assert_allclose(steps, [[0.03, 0.04, 0], [0.03, 0.04, 0]], atol=1e-12)


BARS = 30


def barred(pixels):
    return cv2.copyMakeBorder(pixels, BARS, BARS, 0, 0, cv2.BORDER_CONSTANT)


def test_a_letterbox_is_left_out_of_all_that_belongs_to_the_photo():
    inside = read_inputs(request())
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[60:] = 255
    drawn = json.dumps({
        "imageWidth": WIDTH, "imageHeight": HEIGHT + 2 * BARS,
        "shapes": [{"label": "hint", "points": [[40, 70 + BARS], [90, 70 + BARS]]}],
    }).encode()  # fmt: skip
    flow = np.zeros((HEIGHT + 2 * BARS, WIDTH, 2), np.float32)
    flow[BARS : BARS + HEIGHT] = 1.0
    photo = cv2.imdecode(np.frombuffer(crop(), np.uint8), cv2.IMREAD_COLOR)
    files = {"mask": png(barred(mask)), "hints": drawn, "flow": npy(flow)}
    inputs = read_inputs(replace(request(files=files), photo=png(barred(photo))))
    np.testing.assert_array_equal(inputs.image, inside.image)
    np.testing.assert_array_equal(inputs.mask, mask / 255)
    np.testing.assert_allclose(inputs.annotation.starts, [[40, 70]])
    assert (inputs.annotation.width, inputs.annotation.height) == (WIDTH, HEIGHT)
    assert (inputs.flow == 1.0).all()
    (sentence,) = inputs.remarks
    assert "17% above, 17% below" in sentence
    assert inside.remarks == ()


def test_what_was_made_for_the_picture_within_the_letterbox_is_used_as_it_is():
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[60:] = 255
    photo = cv2.imdecode(np.frombuffer(crop(), np.uint8), cv2.IMREAD_COLOR)
    sent = replace(request(files={"mask": png(mask)}), photo=png(barred(photo)))
    np.testing.assert_array_equal(read_inputs(sent).mask, mask / 255)


def test_a_strip_is_told_what_it_is():
    strip = cv2.resize(cv2.imdecode(np.frombuffer(crop(), np.uint8), 1), (4000, 100))
    with pytest.raises(LivescapeError, match="strip of 4000 x 100") as caught:
        read_inputs(replace(request(), photo=png(strip)))
    assert caught.value.code == "photo_shape"


@pytest.mark.parametrize(("size", "said"), [((400, 100), 1), ((70, 280), 1), ((400, 150), 0)])
def test_a_picture_longer_than_lenses_see_is_said(size, said):
    whole = cv2.imdecode(np.frombuffer(crop(), np.uint8), 1)
    inputs = read_inputs(replace(request(), photo=png(cv2.resize(whole, size))))
    assert sum("times as long" in remark for remark in inputs.remarks) == said


def test_a_picture_that_shows_nothing_is_refused():
    clear = np.random.default_rng(0).integers(0, 255, (72, 96, 4), np.uint8)
    clear[..., 3] = 0
    for pixels in (clear, np.full((72, 96, 3), 93, np.uint8)):
        assert code_of(read_inputs, replace(request(), photo=png(pixels))) == "photo_empty"


def test_a_panorama_is_named():
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description '
        b'GPano:ProjectionType="equirectangular"/></x:xmpmeta>'
    )
    stream = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (72, 144, 3), np.uint8)
    Image.fromarray(pixels).save(stream, "JPEG", xmp=xmp)
    assert code_of(read_inputs, replace(request(), photo=stream.getvalue())) == "photo_shape"
    sphere = png(np.rint(255 * landscape(1)).astype(np.uint8))
    with pytest.raises(LivescapeError, match="panorama of 360 degrees") as caught:
        read_inputs(replace(request(), photo=sphere))
    assert caught.value.code == "photo_shape"


def test_what_is_mirrored_stands_for_a_guess_and_not_for_hints():
    mirror = replace(layout(1.0), flows=np.zeros(SIZE, np.float32))
    guessed = read_inputs(request(motion="auto"))
    assert not motion_mask(guessed, mirror)[70:].any()
    hints = labelme(("hint", [[10, 100], [60, 100]]))
    for method in ("auto", "hints"):
        hinted = read_inputs(request(files={"hints": hints}, motion=method))
        assert motion_mask(hinted, mirror)[70:].mean() > 0.9
