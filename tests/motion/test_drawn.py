"""What is drawn on a photo: regions that stand, regions that are guessed, and outlines to edit."""

import json

import numpy as np
import pytest
from tests.contexts import here
from tests.motion.support import labelme

from livescape.motion.auto import Setting
from livescape.motion.flow_estimators import estimate_motion
from livescape.motion.hints import annotation_mask, still_mask, without_hint
from livescape.motion.outlines import outlines
from livescape_shared.annotation import Annotation, write_labelme
from livescape_shared.annotation_files.kinds import read_annotation
from livescape_shared.errors import LivescapeError

LEFT = [[10, 10], [90, 10], [90, 90], [10, 90]]
RIGHT = [[110, 10], [190, 10], [190, 90], [110, 90]]
HINT = ("hint", [[40, 40], [90, 40]])


def guessing(shapes, **size):
    """An annotation whose regions without a hint are guessed."""
    values = json.loads(labelme(shapes, **size))
    return read_annotation(json.dumps({**values, "flags": {"guess": True}}).encode())


def test_what_is_written_is_read_again():
    drawn = guessing([("motion", LEFT), ("still", RIGHT), HINT])
    again = read_annotation(write_labelme(drawn, "photo.jpg"))
    assert again.guesses_rest
    for name in ("polygons", "still"):
        np.testing.assert_allclose(getattr(again, name), getattr(drawn, name))
    np.testing.assert_allclose(again.hints, drawn.hints)
    assert (again.width, again.height) == (200, 100)


def test_a_region_that_stands_is_enough_and_is_drawn_like_others():
    stands = read_annotation(labelme([("still", LEFT)]))
    moves = read_annotation(labelme([("motion", LEFT)]))
    np.testing.assert_array_equal(still_mask(stands, 200, 100), annotation_mask(moves, 200, 100))
    assert not annotation_mask(stands, 200, 100).any()
    with pytest.raises(LivescapeError) as caught:
        read_annotation(labelme([("tree", LEFT)]))
    assert caught.value.code == "annotation_empty"


def test_a_region_without_a_hint_follows_the_others_unless_it_is_to_be_guessed():
    shapes = [("motion", LEFT), ("motion", RIGHT), HINT]
    mask = annotation_mask(read_annotation(labelme(shapes)), 200, 100)
    image, setting = np.zeros((100, 200, 3)), Setting(0.0)
    follows = estimate_motion(
        here(), image, mask, annotation=read_annotation(labelme(shapes)), setting=setting
    )
    guessed = estimate_motion(here(), image, mask, annotation=guessing(shapes), setting=setting)
    alone = estimate_motion(here(), image, mask * (np.arange(200) > 100), setting=setting)
    np.testing.assert_allclose(follows[50, 150], [1, 0], atol=1e-6)
    np.testing.assert_array_equal(guessed[:, :100], follows[:, :100])
    np.testing.assert_allclose(guessed[:, 100:], alone[:, 100:], atol=1e-6)
    assert np.abs(guessed[:, 100:] - follows[:, 100:]).max() > 0.05


def test_without_polygons_a_region_ends_where_sky_and_water_meet():
    drawn = Annotation((), np.array([[[50, 80], [60, 80]]], np.float32), 200, 100)
    mask = np.ones((100, 200), np.float32)
    in_sky = np.arange(100)[:, None] < 50 * np.ones(200)
    rest = without_hint(drawn, mask, in_sky)
    assert rest[:50].all()
    assert not rest[50:].any()
    assert not without_hint(drawn, mask).any()


def test_outlines_show_the_mask_with_few_corners():
    rows, columns = np.indices((180, 240))
    mask = (np.hypot(rows - 90, columns - 80) < 60) | ((columns > 180) & (rows > 100))
    found = outlines(mask)
    assert len(found) == 2
    assert sum(map(len, found)) < 40
    polygons = tuple(each * np.float32([240, 180]) for each in found)
    again = annotation_mask(
        Annotation(polygons, np.zeros((0, 2, 2), np.float32), 240, 180), 240, 180
    )
    assert np.abs(again - mask).mean() < 0.01
    assert outlines(np.zeros((50, 50), bool)) == []


def test_hints_of_one_stroke_stay_together():
    hints = np.float32([[[10, 10], [20, 10]], [[30, 10], [40, 10]], [[50, 10], [60, 10]]])
    groups = np.array([4, 4, 7], np.int32)
    drawn = Annotation((), hints, 200, 100, groups=groups)
    again = read_annotation(write_labelme(drawn))
    np.testing.assert_array_equal(again.groups, [0, 0, 1])
    np.testing.assert_array_equal(again.resized(400, 200).groups, [0, 0, 1])
    assert read_annotation(write_labelme(Annotation((), hints, 200, 100))).groups is None
    values = json.loads(write_labelme(drawn))
    values["shapes"][0]["points"] = [[-5, 10], [20, 10]]
    np.testing.assert_array_equal(read_annotation(json.dumps(values).encode()).groups, None)
