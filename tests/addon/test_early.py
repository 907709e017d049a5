"""What an artist sees before the whole scene is there, and what is left of it."""

import pytest

FIRST, SECOND, WHOLE = 300, 400, 1000


@pytest.fixture(scope="module")
def result(blender, job_server, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIVESCAPE_STATE_DIR", str(job_server))
        patch.delenv("LIVESCAPE_PYTHON", raising=False)
        return blender.run("early.py", tmp_path_factory.mktemp("early"))


def test_each_better_one_replaces_the_one_before_in_place(result):
    found = result["each_better_one_replaces_it"]
    assert [each["gaussians"] for each in found["seen"]] == [FIRST, SECOND, WHOLE]
    assert [each["moves"] for each in found["seen"]] == [False, True, True]
    assert {each["problem"] for each in found["seen"]} == {"None"}
    assert {each["name"] for each in found["seen"]} == {"Livescape"}
    assert found["objects"] == ["Livescape"]
    assert found["note"] == "Livescape: 1000 Gaussians, 400 moving"


def test_what_came_early_is_cleared_away_when_no_undo_can_bring_it_back(result):
    found = result["each_better_one_replaces_it"]
    assert len(found["before opening"]) == 3
    assert found["unused"] == 0, "they go by themselves"
    assert found["after opening"] == [found["seen"][2]["folder"]]
    assert found["offered"] == []


def test_cancel_keeps_the_best_as_a_scene_that_plays(result):
    found = result["cancel_keeps_the_best"]
    assert found["note"] == "Cancelled: Livescape shows the best so far"
    assert found["error"] == "None"
    assert found["kept"]["gaussians"] == SECOND
    assert found["kept"]["moves"]
    assert found["again"] == found["kept"], "it is the same when the file is opened again"
    assert found["folders"] == [found["kept"]["folder"]]
    assert (found["offered"], found["running"]) == ([], False)


def test_cancel_and_failure_give_back_a_finished_scene(result):
    found = result["cancel_gives_back_what_was_there"]
    assert found["coarse"]["gaussians"] == FIRST
    assert found["after"] == found["whole"]
    assert found["note"] == "Cancelled: Livescape is as it was before"
    failed = result["failure_gives_back_what_was_there"]
    assert failed["after"] == found["whole"]
    assert failed["code"] == failed["shown"] == "photo_too_flat"


def test_a_first_failure_leaves_the_best_and_says_why(result):
    found = result["first_failure_keeps_the_best"]
    assert found["after"]["gaussians"] == SECOND
    assert (found["code"], found["offered"]) == ("photo_too_flat", [])


def test_what_a_saved_file_plays_stays_on_the_disk(result):
    found = result["saved_with_it"]
    assert found["kept"]
    assert found["seen"]["gaussians"] == FIRST
    assert found["seen"]["problem"] == "None"


def test_saved_elsewhere_the_rest_follows(result):
    found = result["saved_elsewhere"]
    assert found["seen"]["gaussians"] == WHOLE
    assert set(found["there"]) == {"Livescape"}


def test_another_file_gets_none_of_it(result):
    found = result["another_file_is_left_alone"]
    assert (found["b"], found["a"]) == ([], ["Livescape"])
    assert "is finished" in found["note"]


def test_undo_takes_it_away_and_the_next_one_comes(result):
    found = result["undone"]
    assert found["without"] == []
    assert found["again"]["gaussians"] == SECOND
    assert found["final"]["gaussians"] == WHOLE


def test_nothing_is_placed_in_edit_mode(result):
    found = result["in_edit_mode"]
    assert (found["meanwhile"], found["after"]) == ([], ["Livescape"])


def test_what_was_replaced_before_it_was_shown_goes_at_once(result):
    assert result["in_edit_mode"]["gone"]
