"""Motion drawn in Blender: where it is seen, what is told of it, and that nothing loses it."""

import json

import numpy as np
import pytest
from tests.motion.support import labelme

from livescape.cameras.photo_camera import photo_camera
from livescape_shared.annotation_files.kinds import read_annotation
from livescape_shared.camera import Camera

CASES = (
    "landscape", "portrait", "fit", "wide", "shifted", "percentage", "anamorphic", "scaled",
    "vertical", "mirrored", "negative", "upside down",
)  # fmt: skip
POINTS = np.array([(10.0, 20.0), (120.0, 33.0), (150.5, 100.0), (60.0, 70.0)])
SHAPES = [
    ("motion", [[20, 20], [100, 20], [100, 60]]),
    ("still", [[120, 20], [150, 20], [150, 60]]),
    ("hint", [[40, 30], [65, 40]]),
]
CLOSE_PX = 0.01


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    annotation, other = folder / "annotation.json", folder / "other.json"
    annotation.write_bytes(labelme(SHAPES, width=480, height=320))
    other.write_bytes(labelme(SHAPES, width=320, height=480))
    return blender.run(
        "motion_drawn.py", folder, annotation=str(annotation), other_shape=str(other)
    )


def in_frame(case, photo):
    """Return the pixels of the frame at which the backend's camera of the photo sees POINTS."""
    framed, whole = (Camera.from_dict(case[name]) for name in ("framed", "whole"))
    K = photo_camera(framed, *photo).K
    rays = np.column_stack([POINTS, np.ones(len(POINTS))]) @ np.linalg.inv(K).T
    ends = rays @ whole.K.T
    return ends[:, :2] / ends[:, 2:]


def polygon(told):
    (shape,) = told["hints"]["shapes"]
    return shape["points"]


@pytest.mark.parametrize("name", CASES)
def test_a_stroke_is_seen_where_the_backend_takes_it_to_be(result, name):
    case = result[name]
    for state in (case, case["after"]):
        np.testing.assert_allclose(state["seen"], in_frame(state, case["photo"]), atol=0.05)
    np.testing.assert_allclose(case["seen_after_move"], case["seen"], atol=0.05)


@pytest.mark.parametrize("name", CASES)
def test_a_stroke_keeps_its_pixels_of_the_photo_whatever_the_camera_does(result, name):
    case = result[name]
    for told in (case["told"], case["after"]["told"]):
        found = np.array(polygon(told))
        inside = (POINTS <= case["photo"]).all(axis=1)
        for point in POINTS[inside]:
            assert np.linalg.norm(found - point, axis=1).min() < CLOSE_PX
        assert (told["hints"]["imageWidth"], told["hints"]["imageHeight"]) == tuple(case["photo"])


@pytest.mark.parametrize("name", ["zoom", "markers"])
def test_what_counts_is_the_camera_at_the_frame_of_the_photo(result, name):
    case = result[name]
    np.testing.assert_allclose(case["seen"], in_frame(case, case["photo"]), atol=0.05)
    assert case["same"]
    assert case["hangs_on"]


def test_what_is_missing_is_said(result):
    assert "There is no photo to draw on" in result["no_photo"]
    assert "The scene has no camera" in result["no_camera"]
    assert "at least two points" in result["no_points"]
    assert result["nothing"] == {"hints": None, "motion": "auto"}
    assert "no camera" in result["without_camera"]["refused"]


def labels(told):
    return sorted(shape["label"] for shape in told["hints"]["shapes"])


def test_arrows_are_hints_and_regions_polygons(result):
    arrow = result["arrow"]
    assert arrow["motion"] == "hints"
    annotation = read_annotation(json.dumps(arrow["hints"]).encode())
    assert annotation.guesses_rest
    # Ten percent of 240 pixels in a second of 24 frames.
    np.testing.assert_allclose(np.linalg.norm(annotation.motions, axis=1), 1.0, atol=1e-3)
    assert (annotation.motions[:, 0] > 0.99).all()
    assert len(annotation.hints) > 4
    assert annotation.starts[:, 0].min() > 30
    assert annotation.starts[:, 0].max() < 70
    assert set(labels(result["region"])) == {"hint", "motion"}
    assert set(labels(result["pinned"])) == {"hint", "motion", "still"}


def test_a_region_of_one_direction_is_told_by_hints_within(result):
    annotation = read_annotation(json.dumps(result["one_way"]["hints"]).encode())
    up = annotation.motions[annotation.motions[:, 1] < -0.1]
    assert len(up) == 9
    np.testing.assert_allclose(up[:, 0], 0.0, atol=1e-4)


def test_what_strokes_cannot_mean_is_said_and_the_rest_is_used(result):
    assert result["faultless"] == []
    said = "\n".join(result["faults"])
    for sentence in (
        "Arrow and Arrow.001 point against each other",
        "Arrow.002 lies outside the photo",
        "Moving Region.001 encloses nothing",
        "Standing Region.001 lies outside the photo",
        "Arrow.003 is too short",
        "Arrow.004 lies in Standing Region, which stands",
        "Arrow.005 lies in no region that moves",
    ):
        assert sentence in said, said
    assert len(result["faults"]) == 7
    annotation = read_annotation(json.dumps(result["told_with_faults"]["hints"]).encode())
    assert (annotation.starts >= 0).all()
    assert len(annotation.polygons) == len(annotation.still) == 1


def test_a_generation_is_told_what_is_drawn_and_a_file_of_hints_then_stands_back(result):
    assert result["generated"] == result["one_way"]
    assert result["generated_beside_a_file"]
    assert result["generated_by_the_file"] == result["arrow"]
    said = " ".join(line.removeprefix("label ") for line in result["panel_beside_a_file"])
    assert "so the file of hints is not used" in said


def test_the_panel_shows_strokes_and_what_is_wrong_with_them(result):
    shown = result["panel"]
    for line in ("list LIVESCAPE_UL_strokes", "operator livescape.preview_motion", "prop speed"):
        assert line in shown
    said = " ".join(line.removeprefix("label ") for line in shown)
    assert "lies outside the photo" in said
    assert "and 3 more" in said


def test_strokes_can_be_moved_by_hand(result):
    before, after = (
        read_annotation(json.dumps(result[name]["hints"]).encode()) for name in ("pinned", "moved")
    )
    np.testing.assert_allclose(
        after.starts - before.starts, np.broadcast_to((24.0, 0.0), before.starts.shape), atol=0.01
    )


def test_nothing_loses_what_was_drawn(result):
    for name in ("with_another", "hangs_on_it", "reopened", "copied", "copy_is_own", "linked"):
        assert result[name] is True, name
    assert result["copy_alone_has_more"] == [4, 3]
    assert result["new_beside_linked"]


def test_undo_and_redo_bring_strokes_back_and_leave_them_on_the_photo(result):
    assert result["undone"]
    assert result["redone"]
    for name in ("reopened_seen", "redone_seen"):
        seen, framed = result[name]
        K = photo_camera(Camera.from_dict(framed), 240, 160).K
        arrow = [(30, 30), (50, 31), (70, 30)]
        rays = np.column_stack([arrow, np.ones(3)]) @ np.linalg.inv(K).T
        ends = rays @ np.array(framed["intrinsics"]).T
        np.testing.assert_allclose(seen, ends[:, :2] / ends[:, 2:], atol=0.05)


def test_an_arrow_can_become_a_region(result):
    assert result["turned"] == [True, ["hint", "motion", "still"]]


def test_annotations_come_and_go(result):
    assert result["imported_again"], "the same file adds nothing more"
    assert result["kinds"] == ["FLOW", "MOVES", "STANDS"]
    for name in ("imported",):
        annotation = read_annotation(json.dumps(result[name]["hints"]).encode())
        given = read_annotation(labelme(SHAPES, width=480, height=320)).resized(240, 160)
        np.testing.assert_allclose(annotation.hints, given.hints, atol=CLOSE_PX)
        np.testing.assert_allclose(annotation.still, given.still, atol=CLOSE_PX)
        found, wanted = annotation.polygons[0], given.polygons[0]
        assert all(np.linalg.norm(found - point, axis=1).min() < CLOSE_PX for point in wanted)
    assert result["exported"] == result["imported"]["hints"]
    assert "picture of 320 x 480" in result["other_shape"]
    assert result["removed"] == 0


def test_curves_are_taken_over_as_the_camera_sees_them(result):
    assert "Nothing that is drawn is selected" in result["nothing_selected"]
    kind, first, last, ends = result["taken_over"]
    assert kind == "FLOW"
    np.testing.assert_allclose([first, last], ends, atol=0.05)


def test_grease_pencil_is_taken_over_as_the_camera_sees_it(result):
    kind, found, wanted = result["pencil"]
    assert kind == "MOVES"
    np.testing.assert_allclose(found, wanted, atol=0.05)


def test_folders_of_masks_and_data_sets_are_sent_as_what_they_say_of_the_photo(result):
    given = result["given_masks"]
    assert given["mask"] == "PK"
    assert [each["file_name"] for each in given["hints"]["images"]] == ["noise.png"]
    assert len(given["hints"]["annotations"]) == 1
    assert not any("mask" in said for said in given["missing"])
    assert result["of_data_set"] == 1
