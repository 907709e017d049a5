"""The list of what a file has had made, presets of one's own, and what is learnt about time."""

import pytest


@pytest.fixture(scope="module")
def result(blender, job_server, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIVESCAPE_STATE_DIR", str(job_server))
        patch.delenv("LIVESCAPE_PYTHON", raising=False)
        return blender.run("jobs_list.py", tmp_path_factory.mktemp("jobs_list"))


def test_it_says_what_each_was_made_with_and_how_long_it_took(result):
    assert result["empty"] == ["label Nothing has been generated for this file"]
    assert result["unsaved"] == result["empty"]
    said = result["list"]
    words = " ".join(line.removeprefix("label ") for line in said)
    assert words.index("Livescape: Final, edited") < words.index("Livescape: Draft, edited")
    assert "1280 px, 600,000 Gaussians" in words
    assert "480 px, 70,000 Gaussians" in words
    assert words.count("took 0:") == 2
    assert said.count("operator livescape.use_settings") == 2
    assert result["newest first"] == [True, True]
    assert result["requests left"] == [".json", ".json"], "the photo is not kept twice"


def test_settings_are_used_again(result):
    assert result["used again"] == ["draft", 2.0, 8, True]
    assert result["gone"][0] == "job_lost"


def test_an_earlier_one_is_shown_in_its_object(result):
    assert result["shown"] == [True, ["Livescape"], ""]
    assert result["after showing"] == [2, True, []]


def test_what_something_plays_is_not_deleted_and_the_rest_is(result):
    assert result["delete what plays"][0] == "cache_in_use"
    assert result["deleted"] == [[True], [True]]


def test_what_was_cancelled_is_listed_as_coarse(result):
    words = " ".join(line.removeprefix("label ") for line in result["coarse"])
    assert "cancelled, coarse" in words
    assert result["another file"] == 2


def test_a_preset_that_was_edited_says_so_and_finds_back(result):
    assert "operator livescape.reset_preset" not in result["unedited"]
    assert "label Draft, edited" in result["edited"]
    assert result["reset"] == [0, "irls", False]


def test_own_presets_are_kept_and_used_and_removed(result):
    assert result["own preset"] == ["draft", 77, "none", True]
    assert result["own label"] == "My Own"
    assert result["removed"]


def test_time_is_learnt_and_what_was_found_ready_teaches_nothing(result):
    learnt, other = result["learnt"]
    assert learnt == {f"stage {number}": 3.0 for number in range(5)}
    assert (other, result["damaged"]) == ({}, {})
