"""A cache that cannot be played says so: when a file is opened, in the panel, in the render log."""

import pytest


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return blender.run("cache_problems.py", tmp_path_factory.mktemp("cache_problems"))


@pytest.mark.parametrize("state", ["whole", "rebuilt"])
def test_nothing_is_said_of_the_right_cache(result, state):
    assert result[state] == {"opened": [], "rendered": [], "panel": []}


@pytest.mark.parametrize(
    ("state", "code", "said"),
    [
        ("truncated", "cache_damaged", "moving.pc2 has 1000 of"),
        ("missing", "cache_missing", "is not beside the .blend"),
        ("other version", "cache_damaged", "written by another version"),
        ("other object", "cache_foreign", "belongs to another object"),
        ("other generation", "cache_foreign", "another generation"),
    ],
)
def test_each_problem_is_said_where_it_is_looked_for(result, state, code, said):
    found = result[state]
    assert code in found["panel"]
    for place in ("opened", "rendered", "panel"):
        assert any(said in line for line in found[place]), (place, found)


def test_drivers_of_a_newer_blender_are_adopted(result):
    drivers = result["drivers"]
    assert drivers["after"] == drivers["before"]
    assert drivers["valid"]
    assert drivers["loop frame"] == [4.0, 4.0]
