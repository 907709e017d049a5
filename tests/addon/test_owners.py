"""A cache belongs to one generation, and whatever plays it finds it through its object."""

import pytest


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return blender.run("owners.py", tmp_path_factory.mktemp("owners"))


def test_save_as_in_the_same_folder_and_generate(result):
    assert result["save as"] == {
        "same object": True,
        "v01 untouched": True,
        "folders": 2,
        "differ": True,
        "v01 plays v01": [True, ""],
    }


def test_two_scenes_of_one_file(result):
    assert result["two scenes"] == {
        "objects": True,
        "folders": True,
        "first untouched": True,
        "unused": 0,
    }


def test_two_blenders_at_once(result):
    assert result["two processes"] == {
        "made": 40,
        "distinct": 40,
        "on disk": True,
        "whole": True,
    }


@pytest.mark.parametrize("kind", ["link", "append", "override"])
def test_objects_of_another_file_play_their_own(result, kind):
    case = result["library"][kind]
    is_linked = kind != "append"
    assert case.pop("rebuild") == ("object_linked" if is_linked else "")
    assert case.pop("linked") is is_linked
    assert case.pop("problem") == ""
    assert set(case.values()) == {True}, case


def test_duplicates_keep_their_own(result):
    duplicate = result["duplicate"]
    assert duplicate["original renewed"] == [True, True]
    assert duplicate["copy plays the old"] == [True, True, ""]
    assert duplicate["copy keeps its static"]
    assert duplicate["moves as a whole"]
    assert duplicate["unused"] == 0
    assert duplicate["rebuild"] == [True, True]


def test_early_layout_plays_and_is_left_alone(result):
    early = result["early layout"]
    assert early["plays"] == [True, ""]
    assert early["exports"]
    assert early["rebuilt"] == [True, True]
    assert early["restored"] == [True, True]
    assert early["generate leaves it"]
    assert early["listed while the saved file plays it"] == [["Livescape", ["shot.blend"]]]
    assert early["listed"] == [["Livescape", []]]


def test_early_still_objects_are_found_by_their_name(result):
    expected = {"exports": True, "unused": 0, "linked": True, "renewed": True}
    assert result["early still"] == expected


def test_unused_caches_are_listed_with_who_may_play_them(result):
    unused = result["unused"]
    assert unused["in use"] == [0, "cache_in_use"]
    others = ["other_False.blend", "other_True.blend"]
    assert unused["before saving"] == [[*others, "shot.blend"]]
    assert unused["refused"] == "cache_in_use"
    assert unused["after saving"] == [others]
    assert unused["nobody else"] == [[True, True, "Livescape", []]]
    assert unused["still there"]


def test_removal_takes_the_cache_and_nothing_else(result):
    unused = result["unused"]
    assert unused["panel"] == [True]
    assert unused["removed"] == [["notes.txt"], 0]
    assert unused["removed twice"] == "cache_missing"
    assert unused["plays"] == ""


def test_what_is_being_written_or_not_ours_is_not_listed(result):
    unused = result["unused"]
    assert unused["being written"] == 0
    assert unused["left behind"] == [["Livescape-00000000", ""]]
    assert unused["others stay"] == [False, True]


def test_undo_brings_the_old_cache_back(result):
    assert result["undo"] == [True, True, ""]
    assert result["redo"] == [True, True, ""]


def test_saving_elsewhere_keeps_playing(result):
    assert result["save as elsewhere"] == [True, True]
    assert result["exported elsewhere"]
    assert result["rebuilt elsewhere"] == ["FINISHED", True, True]
    assert result["save as elsewhere, still"]
    assert result["still"] == ["", ""]
