"""Prepare Render sets what Gaussians need and can be taken back."""

import pytest


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return blender.run("render_settings.py", tmp_path_factory.mktemp("render_settings"))


def test_sets_what_gaussians_need(result):
    prepared = result["prepared"]
    assert prepared["bounces"] == [256, 256]
    assert prepared["filter"] == ["BOX", 0.01]
    assert prepared["view"] == "Standard"
    assert result["before"]["view"] == "AgX"


def test_far_gaussians_are_not_clipped(result):
    assert result["near_enough"] == {}
    assert result["before"]["clip_end"] == 1000.0
    assert result["prepared"]["clip_end"] > 12_000.0


def test_second_time_changes_nothing(result):
    assert result["again"] == result["prepared"]


def test_restores_everything(result):
    assert result["restored"] == result["before"]
    assert result["restorable"] == [True, False]
