"""Means that play alone show what control points show, in a quarter of the bytes."""

from pathlib import Path

import numpy as np
import pytest
from tests.addon import oracle

from livescape_shared.ply import read_ply


@pytest.fixture(scope="module")
def result(blender):
    return blender.run("means.py", blender.folder)


def worst_psnr(result, one, other):
    pairs = zip(result[one], result[other], strict=True)
    return min(oracle.psnr(np.load(a), np.load(b)) for a, b in pairs)


def test_the_quads_lie_in_a_hidden_child_and_the_object_holds_means(result):
    assert result["children"] == ["Livescape Moving", "Livescape Static"]
    assert result["vertices"] == [1600, 0]
    assert result["children of control points"] == ["Livescape Static"]


def test_a_quarter_of_the_bytes(result):
    means, points = result["bytes"]
    assert (means - 32) * 4 == points - 32


def test_the_pixels_are_the_same(result):
    assert np.load(result["means"][0])[..., 3].mean() > 0.25
    # single pixels differ, where alpha is 1/255 and rounding says whether it is drawn
    assert worst_psnr(result, "means", "control points") >= 80.0


def test_the_export_and_the_clip_end_are_the_same(result):
    one, other = (read_ply(Path(path)) for path in result["exported"])
    np.testing.assert_allclose(one.means, other.means, atol=1e-5)
    np.testing.assert_allclose(one.scales, other.scales, atol=1e-5)
    assert result["reach"][0] == pytest.approx(result["reach"][1], rel=1e-5)


def test_a_duplicate_plays_at_a_time_of_its_own(result):
    assert result["duplicate"]
    assert result["copy's quads"] == "Livescape Moving"


def test_rebuilding_leaves_nothing_behind(result):
    assert result["rebuilt"]
    assert result["renewed"] == [1600, True]


def test_a_cache_of_the_version_before_plays_and_is_rebuilt(result):
    assert result["early"] == ["", 4 * 1600]
    assert worst_psnr(result, "control points", "early images") >= 119.0
    assert worst_psnr(result, "means", "PLY files") >= 119.0
