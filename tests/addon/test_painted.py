"""A mask painted in Blender: where it is seen, what is told of it, and that nothing loses it."""

import numpy as np
import pytest

from livescape.motion.region_files import read_drawing

SIZE = (240, 160)
CORNERS = [[0, 0], [1, 0], [1, 1], [0, 1]]


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return blender.run("motion_painted.py", tmp_path_factory.mktemp("painted"))


def drawn(result, name):
    return read_drawing(result[name].encode(), SIZE)


def wanted():
    moving, standing = np.zeros((160, 240), bool), np.zeros((160, 240), bool)
    standing[:, :40] = True
    moving[80:, 60:] = True
    moving[:20, 200:] = True
    moving[140:, 200:], standing[140:, 200:] = False, True
    return moving, standing


def test_one_paints_in_texture_paint_and_nothing_is_said_yet(result):
    assert result["mode"] == "PAINT_TEXTURE"
    assert result["again"] == [True, "Livescape Mask"], "there is one mask"
    assert result["mode_after"] == "OBJECT"
    assert result["bleeds"] == [2, 0, 2], "paint at an edge does not go on at the opposite one"
    assert result["empty"] is None
    for line in ("operator livescape.paint_mask", "operator livescape.end_painting"):
        assert any(each.startswith(line) for each in result["panel"]), result["panel"]


@pytest.mark.parametrize("name", ["seen", "seen_after"])
def test_the_mask_lies_over_the_photo_whatever_the_camera_does(result, name):
    np.testing.assert_allclose(result[name], CORNERS, atol=1e-4)


def test_every_pixel_that_is_painted_is_told_and_no_other(result):
    assert result["size"] == list(SIZE)
    moving, standing = wanted()
    found = drawn(result, "told")
    np.testing.assert_array_equal(found.moving, moving)
    np.testing.assert_array_equal(found.standing, standing)
    assert found.guesses_rest
    assert result["generated"], "a generation is told the same"


def test_what_stands_alone_is_taken_from_what_moves_by_itself(result):
    found = drawn(result, "standing_alone")
    assert found.moving is None
    assert found.standing[:, :40].all()


def test_arrows_are_held_against_the_paint(result):
    said = " ".join(result["faults"])
    assert "Arrow.001 lies in the painted mask, which stands" in said
    assert "Arrow.002 lies in no region that moves" in said
    assert "Arrow lies" not in said, "it lies in what moves"


def test_water_that_was_found_is_added_below_what_is_painted(result):
    assert result["filled"] == ["MESH"]
    moving, standing = wanted()
    moving[:40] |= ~standing[:40]
    found = drawn(result, "with_water")
    np.testing.assert_array_equal(found.moving, moving)
    np.testing.assert_array_equal(found.standing, standing)


def test_undo_and_files_keep_what_is_painted(result):
    assert result["undone"]
    assert result["redone"]
    assert result["reopened"]
    assert result["unused"] == [], "what was painted over is in no file"


def test_it_can_be_left_unused_and_is_not_used_for_a_photo_of_another_shape(result):
    assert result["not_used"] is None
    told, (said,) = result["of_another_shape"]
    assert told is None
    assert "Livescape Mask is painted on a photo of another shape" in said


def test_a_hidden_mask_is_shown_and_a_hidden_collection_said(result):
    assert "The collection of Livescape Mask is hidden" in result["hidden"]
    assert result["shown"] == [True, "PAINT_TEXTURE", True]


def test_removing_it_leaves_nothing_and_a_file_brings_it_back(result):
    assert result["removed"] == [1, 0, 0], "the camera alone"
    moving, standing = wanted()
    found = drawn(result, "imported")
    np.testing.assert_array_equal(found.moving, moving)
    np.testing.assert_array_equal(found.standing, standing)
    assert result["imported_again"] == [True, True], "the same file adds nothing more"


@pytest.mark.parametrize("kind", ["link", "override"])
def test_a_mask_of_another_file_is_read_and_left_alone(result, kind):
    assert result["of_another_file"][kind] == [True, ["CURVE"]]
