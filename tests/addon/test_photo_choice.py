"""A photo is chosen in many ways and stays found; what is missing is said all at once."""

import os

import pytest


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return blender.run("photo_choice.py", tmp_path_factory.mktemp("photo_choice"))


def test_all_that_is_missing_is_said_at_once(result):
    assert result["at_first"] == [
        "photo_missing", "camera_missing", "blend_unsaved", "backend_missing"
    ]  # fmt: skip
    assert result["error_code"] == "inputs_missing"
    for said in ("No photo is chosen.", "has no camera.", "has not been saved", "backend is"):
        assert said in result["all_at_once"]
    assert any("no.npy" in said for said in result["files"])
    assert any("no.mp4" in said for said in result["files"])
    assert "photo_unreadable" in result["not_a_photo"]


def test_a_chosen_file_is_named_from_the_blend_unless_asked_otherwise(result):
    assert result["chosen"] == "//photos/lake.png"
    assert result["absolute"]


def test_a_file_that_is_not_there_is_refused_and_the_photo_kept(result):
    assert "nowhere.png does not exist" in result["no_file"]
    assert result["kept"]


def test_an_image_with_a_file_is_used_where_it_lies(result):
    assert result["image_with_file"] == "//photos/lake.png"


def test_a_packed_or_painted_image_is_written_beside_the_blend_and_stays_as_it_is(result):
    name, size, still_packed, path = result["packed"]
    assert name == "//lake_photo.png"
    assert size == [240, 160]
    assert still_packed
    assert path.endswith("lake.png")
    assert result["painted"] == ["//My_painting_photo.png", [96, 72]]


def test_an_image_that_cannot_be_used_is_refused(result):
    assert "Unsaved has no file of its own" in result["unsaved"]
    assert "There is no image Nobody." in result["no_image"]


def test_relative_paths_follow_a_file_that_is_saved_elsewhere(result):
    photo, mask, is_same = result["moved"]
    assert photo == os.path.join("//..", "..", "a", "photos", "lake.png")
    assert mask == os.path.join("//..", "..", "a", "mask.png")
    assert is_same
    assert result["opened"] == [photo, True]


def test_a_copy_has_its_own_and_the_open_file_keeps_its_own(result):
    assert result["after_a_copy"] == result["moved"][0]
    assert result["copy"] == ["//photos/lake.png", True]
    assert result["after_a_failure"] == "//photos/lake.png"


def test_paths_written_on_another_system_are_found(result):
    assert all(result["windows"].values())
    assert len(result["windows"]) == 3
    (said,) = result["drive"]
    assert said.startswith("The photo lake.png does not exist.")
    assert "another system" in said
    assert all(said.endswith("where it lies on this computer.") for said in result["drives"])
    assert len(result["drives"]) == 2
    assert result["home"]


def test_a_photo_that_is_not_there_is_named_wherever_it_should_be(result):
    assert len(result["beside"]) == 4
    assert all(said.startswith("The photo away.png does not exist.") for said in result["beside"])


def test_a_photo_can_be_dropped(result):
    operator, endings = result["drop"]
    assert operator == "livescape.choose_photo"
    assert {".jpg", ".png", ".tif", ".webp"} <= set(endings.split(";"))
