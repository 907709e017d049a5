"""Livescape objects and their data-blocks are known by marks, never by name."""

import pytest


@pytest.fixture(scope="module")
def found(blender, tmp_path_factory):
    return blender.run("identity.py", tmp_path_factory.mktemp("identity"))


def test_parts_are_found_under_any_name(found):
    assert (found["nodes"], found["cache"]) == ("Quads", "Motion")
    assert found["native"] is False
    assert found["problem"] == "None"


def test_prepare_takes_the_material_that_renders_and_no_other(found):
    assert found["prepared"] == ["BLENDED", True, ["DITHERED", "DITHERED"]]
    assert found["restored"] == "DITHERED"


def test_the_artists_view_layer_is_found_again(found):
    assert found["set up"]
    assert found["layers"] == ["Beauty", "ViewLayer"]


def test_rebuild_takes_only_what_is_ours(found):
    modifiers, problem, drivers = found["rebuilt"]
    assert modifiers == [
        "Artist's Cache",
        "Livescape Billboards",
        "Livescape Billboards.001",
        "Livescape Cache",
    ]
    assert (problem, drivers) == ("None", 10)
    assert all(found["theirs are there"])
    assert found["linked are there"] >= 2
