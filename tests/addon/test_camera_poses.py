"""A camera is read as renderers use it, whatever its scale and its parents do to its matrix."""

import numpy as np
import pytest

SIDE = 48
MIRRORED = ("mirrored x", "mirrored y", "mirrored z", "mirrored all", "mirrored and shifted",
            "mirrored parent")  # fmt: skip


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return blender.run("camera_poses.py", tmp_path_factory.mktemp("camera_poses"))


@pytest.mark.parametrize("name", ["plain", "larger", "uneven", "turned over", *MIRRORED])
def test_the_camera_sees_what_cycles_shows(result, name):
    found = result[name]
    for seen, expected in zip(found["seen"], found["expected"], strict=True):
        assert (seen is None) == (expected is None), "it looks the other way"
        if seen is not None:
            x = SIDE - expected[0] if name in MIRRORED else expected[0]
            np.testing.assert_allclose([x, expected[1]], seen, atol=0.8)
    assert any(seen is not None for seen in found["seen"])
    assert any("mirrored" in each for each in found["said"]) == (name in MIRRORED)


def test_a_sheared_camera_is_read_nearly_and_that_is_said(result):
    found = result["sheared"]
    for seen, expected in zip(found["seen"], found["expected"], strict=True):
        assert (seen is None) == (expected is None)
        if seen is not None:
            np.testing.assert_allclose(expected, seen, atol=4.0)
    assert "sheared" in " ".join(found["said"])


def test_a_flat_camera_is_refused_with_its_name_and_frame(result):
    assert "scale of Camera is zero at frame 1" in result["flat"]


def test_stereo_is_said(result):
    assert "Stereoscopy is on" in " ".join(result["stereo"])
