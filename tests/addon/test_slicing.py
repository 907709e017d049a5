"""Blender is never held up, and whatever goes wrong ends in words."""

import pytest


@pytest.fixture(scope="module")
def result(blender, job_server, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIVESCAPE_STATE_DIR", str(job_server))
        patch.delenv("LIVESCAPE_PYTHON", raising=False)
        return blender.run("slicing.py", tmp_path_factory.mktemp("slicing"))


def test_building_gives_control_back_between_slices(result):
    found = result["counted"]
    assert found["slices"] > 100
    assert found["scene in between"] == [1], "the scene changes in the last slice alone"
    assert found["in the end"] == 2


def test_abandoned_work_leaves_nothing(result):
    assert result["abandoned"] == {"name": "Livescape", "groups": ["Livescape Billboards"]}


@pytest.mark.parametrize(
    ("what", "on_main"),
    [("receives", False), ("writes", False), ("computes", False), ("builds", True)],
)
def test_only_building_is_done_on_the_main_thread(result, what, on_main):
    assert result["threads"][what] == [on_main]


@pytest.mark.parametrize("where", ["in the thread", "while building", "at the end"])
def test_any_exception_becomes_a_card_with_details(result, where):
    found = result["faults"][where]
    assert found["code"] == "addon_fault"
    assert found["running"] == [False, False, None]
    assert not found["timer"]
    assert found["details"] == [True, False, True], "with what happened, without private paths"
    assert found["again"]


def test_an_exception_before_it_starts_becomes_a_card_too(result):
    assert result["faults"]["before it starts"] == ["addon_fault", False]


def test_the_step_of_undo_is_a_call_of_its_own(result):
    assert result["last"]["last"] == [["placed"], ["push_undo"]]


def test_the_panel_is_drawn_only_if_it_shows_something_new(result):
    found = result["last"]
    assert 3 <= found["drawn"] <= found["changes"]
    assert found["drawn"] < found["calls"] / 2


def test_keys_end_nothing(result):
    assert result["keys"] == {"timer": True, "modal": False, "note": "Cancelled"}
