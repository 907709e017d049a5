import logging

import numpy as np
import pytest
from tests.data.files import ANNOTATED, annotation_bytes, load_photo, load_vectors
from tests.motion.support import channels_last, labelme

from livescape.motion.hints import annotation_mask, densify_by_region, densify_hints
from livescape_shared.annotation_files.kinds import read_annotation
from livescape_shared.errors import LivescapeError

TRIANGLE = ("motion", [[10, 10], [50, 10], [10, 50]])
HINT = ("hint0", [[20, 20], [45, 20]])


@pytest.mark.parametrize("photo", ANNOTATED)
def test_reads_annotations_of_photographs(photo):
    polygons, hints = ANNOTATED[photo]
    found = read_annotation(annotation_bytes(photo))
    assert (found.height, found.width) == load_photo(photo).shape[:2]
    assert len(found.polygons) == polygons
    assert found.hints.shape == (hints, 2, 2)
    mask = annotation_mask(found, 320, 180)
    column, row = (found.resized(320, 180).starts.T).astype(int)
    assert (mask[row, column] > 0.5).mean() > 0.7  # hints are drawn on what moves


def test_a_drag_of_50_pixels_is_one_pixel_a_frame():
    full = read_annotation(labelme([("hint", [[20, 20], [70, 45]])]))
    np.testing.assert_allclose(full.motions, [[1.0, 0.5]])
    half = full.resized(100, 50)
    np.testing.assert_allclose(half.starts, [[10, 10]])
    np.testing.assert_allclose(half.motions, [[0.5, 0.25]])


def test_mask_is_antialiased_and_covers_the_polygon_area():
    mask = annotation_mask(read_annotation(labelme([TRIANGLE])), 200, 100)
    # The rasteriser paints an eighth of a pixel beyond the outline.
    assert mask.sum() == pytest.approx(800 + 137 / 8, rel=0.005)
    assert ((mask > 0.1) & (mask < 0.9)).sum() > 20
    small = annotation_mask(read_annotation(labelme([TRIANGLE])), 50, 25)
    assert small.sum() == pytest.approx(50 + 34 / 8, rel=0.02)


def test_mask_of_a_pixel_aligned_square_is_exact():
    square = ("motion", [[20, 30], [60, 30], [60, 70], [20, 70]])
    mask = annotation_mask(read_annotation(labelme([square])), 200, 100)
    assert mask[30:70, 20:60].min() > 0.85
    assert mask[33:67, 23:57].min() == 1.0
    assert mask[:29].max() == mask[71:].max() == mask[:, :19].max() == mask[:, 61:].max() == 0


def test_densify_matches_the_reference_vector():
    dense = channels_last(load_vectors("hint_densify")["dense"])
    hints = np.array([[20, 15], [60, 40]]) + 0.5  # the reference counts from pixel centres
    motions = np.array([[6.0, -3.0], [-10.0, 4.0]]) / 50
    found = densify_hints(hints, motions, np.ones((60, 80)), sigma=17)
    np.testing.assert_allclose(found, dense, atol=0.02 * np.abs(dense).max() * 1e-3)


def test_densify_far_from_every_hint_follows_the_nearest():
    hints = np.array([[5.0, 5.0], [5.0, 25.0]])
    flow = densify_hints(hints, np.array([[1.0, 0.0], [0.0, 2.0]]), np.ones((30, 4000)), sigma=2)
    np.testing.assert_allclose(flow[4, -1], [1, 0], atol=1e-6)
    np.testing.assert_allclose(flow[26, -1], [0, 2], atol=1e-6)


def test_densify_is_zero_outside_the_mask_and_without_hints():
    mask = np.zeros((20, 30))
    mask[:, :10] = 1
    flow = densify_hints(np.array([[5.0, 5.0]]), np.array([[1.0, 1.0]]), mask)
    assert np.all(flow[:, 10:] == 0)
    np.testing.assert_allclose(flow[:, :10], 1)
    assert not densify_hints(np.zeros((0, 2)), np.zeros((0, 2)), mask).any()


def test_hints_outside_are_dropped_with_a_warning(caplog):
    outside = ("hint1", [[500, 20], [510, 20]])
    with caplog.at_level(logging.WARNING):
        kept = read_annotation(labelme([TRIANGLE, HINT, outside]))
    assert len(kept.hints) == 1
    assert "1 of 2 hints" in caplog.text


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xd8not json", "annotation_invalid"),
        (b"[1, 2]", "annotation_invalid"),
        (b"[" * 100_000, "annotation_invalid"),
        (b'{"imageWidth": 9, "imageHeight": 9}', "annotation_invalid"),
        (labelme([]), "annotation_empty"),
        (labelme([("person", [[1, 1], [2, 2], [3, 1]])]), "annotation_empty"),
        (labelme([("motion", [[1, 1], [2, 2]])]), "annotation_invalid"),
        (labelme([("hint", [[1, 1]])]), "annotation_invalid"),
        (labelme([("hint", [[1, "x"], [2, 2]])]), "annotation_invalid"),
        (labelme([("hint", [[1, float("nan")], [2, 2]])]), "annotation_invalid"),
        (labelme([("hint", [[1, 1e30], [2, 2]])]), "annotation_invalid"),
        (labelme([HINT], width=0), "annotation_invalid"),
        (labelme([HINT], width=10**9), "annotation_invalid"),
        (labelme([HINT], height="tall"), "annotation_invalid"),
        (labelme([("hint", [[-5, 20], [10, 20]])]), "hints_outside"),
    ],
)
def test_bad_annotations_are_refused_in_one_sentence(data, code):
    with pytest.raises(LivescapeError) as caught:
        read_annotation(data)
    assert caught.value.code == code
    assert caught.value.message.endswith(".")


def test_a_spread_field_meets_its_hints_as_they_were_drawn():
    """A river, faster in its middle: a mean of its hints is too slow there, too fast beside it."""
    hints = np.array([[20.5, 15.5], [20.5, 30.5], [60.5, 15.5], [60.5, 30.5]])
    motions = np.array([[0.5, 0.0], [1.0, 0.1], [0.5, 0.0], [1.0, -0.1]])
    mask = np.ones((46, 80))
    pixels = np.floor(hints).astype(int)
    before = densify_hints(hints, motions, mask)
    after = densify_by_region(hints, motions, mask)
    for field, least, most in ((before, 0.15, 1.0), (after, 0.0, 0.07)):
        missed = np.abs(field[pixels[:, 1], pixels[:, 0]] - motions).max()
        assert least <= missed <= most
    assert np.linalg.norm(after, axis=-1).max() <= np.linalg.norm(motions, axis=1).max() * 1.001


def test_hints_that_contradict_each_other_send_nothing_racing():
    hints = np.array([[40.5, 23.5], [42.5, 23.5], [10.5, 23.5]])
    motions = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 0.5]])
    field = densify_by_region(hints, motions, np.ones((46, 80)))
    assert np.isfinite(field).all()
    assert np.linalg.norm(field, axis=-1).max() <= 1.001
