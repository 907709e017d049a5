"""Whatever an artist does in a hurry, what was made is kept, and what is open plays."""

import pytest

WHOLE = [["Livescape"], []]
"""One object after saving and opening again, and nothing wrong with what it plays."""


@pytest.fixture(scope="module")
def result(blender, environment, tmp_path_factory):
    return blender.run("job_hurried.py", tmp_path_factory.mktemp("hurried"))


def test_undone_and_done_again(result):
    assert result["undone_and_redone"] == [*WHOLE, 1]


def test_what_is_undone_and_saved_stays_in_the_list_of_jobs(result):
    assert result["undone_and_saved"] == [[], [], 1, *WHOLE]


def test_undo_of_a_second_run_plays_the_first(result):
    assert result["undone_to_the_one_before"] == [*WHOLE, True, 2]


def test_a_duplicate_outlives_its_original(result):
    assert result["duplicated"] == [["Livescape.001"], [], 0, 1, 600]


def test_a_duplicate_of_a_coarse_scene_keeps_it(result):
    both = [["Livescape", "Livescape.001"], []]
    assert result["duplicate_of_what_came_early"] == ["None", both, both, 2]


def test_a_coarse_scene_that_undo_takes_away_comes_back(result):
    """Cancel says that it shows the best so far: so it does."""
    note = "Cancelled: Livescape shows the best so far"
    assert result["undone_while_it_is_coarse"] == [[], note, "None", *WHOLE, 1]
    assert result["undone_while_it_is_coarse_and_finished"] == ["None", *WHOLE]


def test_deleting_a_coarse_scene_does_not_keep_the_whole_one_away(result):
    assert result["deleted_while_it_is_coarse"] == ["None", *WHOLE]


def test_the_whole_scene_follows_where_a_coarse_one_was_saved(result):
    """The coarse one that the file which was saved plays stays where it says."""
    found = result["coarse_saved_elsewhere"]
    assert found == ["None", ["early_new"], *WHOLE, 1, 1]


def test_building_survives_a_purge(result):
    assert result["purged"] == [True, "None", *WHOLE]


def test_half_an_object_is_in_no_file(result):
    assert result["saved_while_it_is_built"] == [0, 0, *WHOLE]
    assert result["autosaved_while_it_is_built"] == [True, [0, 0, 0]]


def test_what_is_placed_stays_where_the_saved_file_says(result):
    assert result["saved_when_it_is_placed"] == ["None", *WHOLE, ["Livescape"]]


def test_a_cache_goes_to_another_disk_or_stays_if_that_is_full(result):
    disk, full = result["saved_on_another_disk"]
    assert disk == ["None", ["disk_new"], *WHOLE, []]
    assert full == ["None", ["full_old"], *WHOLE, ["Livescape"]]


def test_what_the_earlier_file_plays_is_not_taken_from_it(result):
    assert result["shown_again_and_saved_elsewhere"] == [["again_old"], *WHOLE, *WHOLE, 1]


def test_what_nothing_plays_goes_along_when_it_is_placed(result):
    assert result["placed_and_saved_elsewhere"] == ["None", ["late_c"], *WHOLE, []]


@pytest.mark.parametrize(("how", "blend"), [("renamed", "c.blend"), ("deleted", "other.blend")])
def test_the_generation_of_a_file_that_is_gone_is_offered_beside_it(result, how, blend):
    assert result["renamed"][how] == [["done"], ["Livescape"], [], [blend]]


def test_a_folder_that_is_moved_away_takes_the_offer_along(result):
    assert result["folder_gone"] == ["", [], ["running"]]


def test_a_full_copy_of_a_scene_has_its_own(result):
    counts, differ, names, wrong = result["scene_copied"]
    assert (counts, differ, wrong) == ([1, 1], True, [])
    assert len(names) == 1
