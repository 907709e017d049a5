"""Prepare Render sets what Gaussians need and can be taken back."""

import pytest

CASES = ["cycles", "eevee", "cycles blurred", "eevee blurred", "cycles with a sphere"]


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return blender.run("render_settings.py", tmp_path_factory.mktemp("render_settings"))


def test_sets_what_gaussians_need_in_cycles(result):
    prepared = result["cases"]["cycles"]["prepared"]
    assert prepared["bounces"] == [256, 256]
    assert prepared["filter"] == ["BOX", 0.01]
    assert prepared["samples"][0] == 1
    assert result["cases"]["cycles"]["sorted"] is False


def test_sets_what_gaussians_need_in_eevee(result):
    prepared = result["cases"]["eevee"]["prepared"]
    assert prepared["samples"][1] == 1
    assert result["cases"]["eevee"]["sorted"] is True


@pytest.mark.parametrize("case", CASES)
def test_sets_what_both_engines_need(result, case):
    prepared = result["cases"][case]["prepared"]
    assert prepared["view"] == "Standard"
    assert prepared["shadow"] is False
    assert prepared["material"] == ["NONE", "BLENDED"]
    assert result["cases"][case]["before"]["material"] == ["AUTO", "DITHERED"]


def test_motion_blur_gets_its_steps(result):
    assert result["cases"]["cycles blurred"]["prepared"]["blur"][1] >= 3
    assert result["cases"]["eevee blurred"]["prepared"]["blur"][0] >= 16


@pytest.mark.parametrize("case", ["cycles blurred", "eevee blurred", "cycles with a sphere"])
def test_samples_stay_where_more_than_still_gaussians_is_seen(result, case):
    steps = result["cases"][case]
    assert steps["prepared"]["samples"] == steps["before"]["samples"]
    assert steps["prepared"]["filter"] == steps["before"]["filter"]


def test_far_gaussians_are_not_clipped(result):
    steps = result["cases"]["cycles"]
    assert result["near_enough"] == 0
    assert steps["before"]["clip_end"] == 1000.0
    assert steps["prepared"]["clip_end"] > 12_000.0


@pytest.mark.parametrize("case", CASES)
def test_the_viewport_keeps_its_material(result, case):
    for step in ("before", "prepared", "again", "restored"):
        assert result["cases"][case][step]["viewport material"] == ["NONE", "DITHERED"]


@pytest.mark.parametrize(("engine", "samples"), [("cycles", 0), ("eevee", 1)])
def test_what_the_scene_no_longer_wants_is_put_back(result, engine, samples):
    steps = result["later"][engine]
    assert steps["alone"]["samples"][samples] == 1
    assert steps["with a sphere"]["samples"] == steps["before"]["samples"]
    assert steps["with a sphere"]["filter"] == steps["before"]["filter"]
    assert steps["with a sphere"]["clip_end"] == steps["alone"]["clip_end"]
    assert steps["alone again"] == steps["alone"]
    assert steps["restored"] == steps["before"]


def test_owners_are_known_by_themselves_and_not_by_name(result):
    renamed = result["renamed"]
    assert renamed["prepared"] != renamed["before"]
    assert renamed["restored"] == renamed["before"]
    assert renamed["others"] == ["FRONT", 55.0]
    assert renamed["chosen since"] == 77


def test_what_two_scenes_share_is_put_back_by_the_last(result):
    (before, first, second, once, twice, copied_once, copied_twice), bounces = result["shared"]
    assert first == second == once == copied_once != before
    assert twice == copied_twice == before
    assert bounces == [0, 0]


def test_an_early_ledger_is_understood(result):
    assert result["early"] == ["DITHERED", 3]


def test_a_stray_gaussian_does_not_set_the_clip_end(result):
    (alone, _), (stray, needs_more), sky = result["reach"]
    assert alone < 20.0
    assert abs(stray - alone) < 0.1
    assert needs_more is False
    assert sky > 3000.0


@pytest.mark.parametrize("case", CASES)
def test_second_time_changes_nothing(result, case):
    assert result["cases"][case]["again"] == result["cases"][case]["prepared"]


@pytest.mark.parametrize("case", CASES)
def test_restores_everything(result, case):
    steps = result["cases"][case]
    assert steps["restored"] == steps["before"]
    assert steps["restorable"] == [True, False]


def test_the_look_is_a_choice_of_its_own(result):
    assert result["looks"] == ["AgX", "AgX", "", "AgX"]


def test_says_what_it_changes(result):
    assert "cycles.transparent_max_bounces: 8 to 256" in result["said"]
    assert "Livescape visible_shadow: True to False" in result["said"]
    assert not [line for line in result["said"] if "faces sorted" in line], "it sorts by itself"
