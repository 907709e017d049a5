"""Sentences about hints and masks that do not say what they seem to, and what is made of them."""

import numpy as np
from tests.contexts import here

from livescape.depth.file import depth_from_map
from livescape.motion.flow_estimators import estimate_motion
from livescape.motion.remarks import motion_remarks
from livescape_shared.annotation import Annotation

SIZE = (90, 160)
MASK = np.zeros(SIZE, np.float32)
MASK[40:] = 1.0
DEPTH = depth_from_map(np.full(SIZE, 5.0, np.float32), SIZE, 30.0)


def drawn(*lines, scale=1):
    hints = np.array(lines, np.float32).reshape(-1, 2, 2) * scale
    return Annotation((), hints, SIZE[1] * scale, SIZE[0] * scale)


def remarks(*lines, mask=MASK, depth=DEPTH):
    return motion_remarks(drawn(*lines), mask, depth)


def flow(*lines):
    return estimate_motion(here(), np.zeros((*SIZE, 3)), MASK, annotation=drawn(*lines))


AGAINST = ([[60, 60], [100, 60]], [[70, 64], [30, 64]])


def test_hints_that_agree_need_no_words():
    assert remarks([[60, 60], [100, 60]], [[70, 64], [100, 80]]) == []
    assert motion_remarks(None, MASK, DEPTH) == []


def test_neighbours_that_contradict_each_other_are_named_and_the_motion_turns():
    (sentence,) = remarks(*AGAINST)
    assert "Hints 1 and 2" in sentence
    assert "11 pixels apart" in sentence
    found = flow(*AGAINST)
    assert np.isfinite(found).all()
    assert found[60, 40, 0] > 0 > found[64, 110, 0] or found[60, 60, 0] > found[64, 70, 0]
    assert np.abs(found).max() <= 0.81


def test_the_size_of_the_annotated_image_does_not_matter():
    assert motion_remarks(drawn(*AGAINST, scale=4), MASK, DEPTH) == remarks(*AGAINST)


def test_hints_far_apart_or_of_two_waters_may_differ():
    assert remarks([[10, 60], [50, 60]], [[150, 60], [110, 60]]) == []
    parted = MASK.copy()
    parted[:, 64:67] = 0
    assert remarks(*AGAINST, mask=parted) == []


def test_an_arrow_from_moving_into_standing_says_what_counts():
    line = [[60, 50], [60, 20]]
    (sentence,) = remarks(line)
    assert sentence.startswith("Hint 1 leads from what moves into what stands")
    found = flow(line)
    np.testing.assert_allclose(found[50, 60], (0.0, -0.6), atol=1e-6)
    assert not found[:40].any()


def test_an_arrow_on_what_stands_moves_nothing_there():
    (sentence,) = remarks([[60, 20], [90, 20]])
    assert "starts on what stands" in sentence
    assert not flow([[60, 20], [90, 20]])[:40].any()


def test_many_of_a_kind_are_told_briefly():
    sentences = remarks(*([[x, 20], [x + 9, 20]] for x in range(10, 110, 10)))
    assert len(sentences) == 4
    assert sentences[-1] == "The same holds for 7 more."


def test_a_mask_without_depth_is_told_how_much():
    values = np.full(SIZE, 5.0, np.float32)
    values[65:] = np.nan
    (sentence,) = motion_remarks(None, MASK, depth_from_map(values, SIZE, 30.0))
    assert "50%" in sentence


def test_that_nothing_or_everything_moves_is_said():
    (nothing,) = motion_remarks(None, 0.0 * MASK, DEPTH)
    assert nothing.startswith("Nothing moves")
    (everything,) = motion_remarks(None, np.ones_like(MASK), DEPTH)
    assert "inverted" in everything
