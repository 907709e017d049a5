"""Panels draw in every state; disabling leaves nothing behind."""

import pytest

from livescape_shared.settings import preset_settings


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return blender.run("registration.py", tmp_path_factory.mktemp("registration"))


def test_panel_offers_the_work_in_order(result):
    idle = result["shown"]["idle"]
    work = ("prop photo", "operator livescape.match_camera", "prop mask_file", "prop preset",
            "operator livescape.prepare_render")  # fmt: skip
    order = [idle.index(each) for each in work]
    assert order == sorted(order)
    assert "label The scene has no camera" in idle
    assert "operator livescape.generate" in idle
    assert "operator livescape.cancel" not in idle


def test_panel_lists_at_once_all_that_is_missing(result):
    idle, failed = result["shown"]["idle"], result["shown"]["failed"]
    said = " ".join(line.removeprefix("label ") for line in idle)
    for line in ("No photo is chosen.", "The scene has no camera.", "has not been saved yet."):
        assert line in said
    assert "operator livescape.choose_photo Choose Photo" in idle
    assert "operator wm.save_as_mainfile Save As" in idle
    later = " ".join(line.removeprefix("label ") for line in failed)
    assert "No photo is chosen." in later
    assert "has no camera." not in later, "there is one now"


def test_panel_shows_progress_and_cancel(result):
    running = result["shown"]["running"]
    assert "progress 0.25 Estimating depth  25%" in running
    assert "label 1:05 passed, about 2 min left" in running
    assert "operator livescape.cancel" in running
    assert "operator livescape.generate" not in running


def test_panel_shows_the_error_with_its_remedy(result):
    failed = result["shown"]["failed"]
    assert [line for line in failed if line in ("label It is full.", "label Make room.")]
    assert "label disk_full" in failed
    assert "operator livescape.generate" in failed
    assert "label All done" in result["shown"]["finished"]


def test_panel_shows_what_the_active_object_plays_and_how(result):
    wanted = {f'prop ["livescape_{name}"]' for name in (
        "start", "speed", "viewport_splats", "exact_viewport")}  # fmt: skip
    assert wanted <= set(result["shown"]["object"])
    assert not wanted & set(result["shown"]["finished"])
    assert "operator livescape.import_splats" in result["shown"]["object"]


def test_panel_says_when_motion_without_a_loop_ends(result):
    assert "label Moves in frames 1 to 49" in result["shown"]["object"]
    said = " ".join(line.removeprefix("label ") for line in result["shown"]["object"])
    assert "Splats moves in frames 1 to 49 only and stands still in the others." in said


def test_preset_sets_every_setting(result):
    draft = preset_settings("draft")
    assert result["settings"] == pytest.approx(draft.to_dict())
    assert result["draft"] == [draft.working_size, draft.loop_frames]


def test_a_clip_moves_the_photo_and_hints_then_only_mark_it(result):
    assert result["motion_with_a_clip"] == "video"


def test_tooltips_come_from_the_settings(result):
    assert result["tooltip"].startswith("Most Gaussians that the scene may have")
    assert result["tooltip"].endswith("even if it needs more")


def test_disabling_leaves_nothing(result):
    assert len(result["before"]) >= 10
    assert result["left"] == []
    assert result["after"] == result["before"]
