"""Depth maps of the user's: every format, every way they can be wrong."""

import cv2
import numpy as np
import pytest
from tests.contexts import here

from livescape.depth.depth_estimators import DepthInputs, estimate_depth
from livescape.depth.file import depth_from_file, read_depth
from livescape.imaging.resampling import fill_unknown, resample_depth
from livescape.layout.types import SceneLayout
from livescape_shared.errors import LivescapeError

SIZE = (60, 80)


def slope():
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    return (3.0 + 0.5 * rows + 0.25 * columns).astype(np.float32)


def saved(tmp_path, name, values):
    path = tmp_path / name
    if path.suffix == ".npy":
        np.save(path, values)
    else:
        assert cv2.imwrite(str(path), values)
    return path


@pytest.mark.parametrize("name", ["depth.npy", "depth.tif", "depth.TIFF", "depth.pfm"])
def test_float_formats_are_metres(tmp_path, name):
    path = saved(tmp_path, name, slope())
    np.testing.assert_array_equal(read_depth(path), slope())
    estimate = depth_from_file(path, SIZE, 12.5)
    np.testing.assert_array_equal(estimate.depth, slope())
    assert not estimate.sky.any()
    assert (estimate.source, estimate.horizon_row) == ("file", 12.5)


def test_png_is_centimetres_and_zero_is_sky(tmp_path):
    centimetres = np.round(slope() * 100).astype(np.uint16)
    centimetres[:10] = 0
    estimate = depth_from_file(saved(tmp_path, "depth.png", centimetres), SIZE, 0.0)
    np.testing.assert_allclose(estimate.depth[10:], slope()[10:], atol=0.006)
    np.testing.assert_array_equal(estimate.sky, centimetres == 0)
    assert (estimate.depth[:10] > 2.0 * estimate.depth[10:].max() - 1e-3).all()


@pytest.mark.parametrize("value", [np.inf, -np.inf, 0.0, -1.0, 1e10])
def test_what_is_not_a_distance_is_sky(tmp_path, value):
    values = slope()
    values[:7, :9] = value
    estimate = depth_from_file(saved(tmp_path, "depth.npy", values), SIZE, 0.0)
    assert estimate.sky[:7, :9].all()
    assert estimate.sky.sum() == 63
    assert np.isfinite(estimate.depth).all()


def test_few_unknown_pixels_take_their_neighbours(tmp_path):
    values = np.full(SIZE, 5.0, np.float32)
    values[:, 40:] = np.inf
    values[20:25, 10:14] = np.nan
    values[30, 60] = np.nan
    estimate = depth_from_file(saved(tmp_path, "depth.npy", values), SIZE, 0.0)
    assert (estimate.depth[20:25, 10:14] == 5.0).all()
    assert estimate.sky[30, 60]
    assert (estimate.confidence[20:25, 10:14] < 0.5).all()
    assert estimate.confidence[0, 0] == 1.0


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (np.full(SIZE, np.nan, np.float32), "depth_invalid"),
        (np.where(np.arange(80) < 45, np.nan, np.ones(SIZE)).astype(np.float32), "depth_invalid"),
        (np.zeros(SIZE, np.float32), "depth_invalid"),
        (np.ones((60, 80, 3), np.int32), "depth_invalid"),
        (np.random.default_rng(0).random((60, 80, 3)), "depth_invalid"),
        (np.ones(60, np.float32), "depth_invalid"),
        (np.ones((60, 90), np.float32), "depth_size_mismatch"),
        (np.ones((80, 60), np.float32), "depth_size_mismatch"),
        (np.array([{"a": 1}]), "depth_unreadable"),
    ],
)
def test_unusable_arrays_say_why(tmp_path, values, code):
    path = tmp_path / "depth.npy"
    np.save(path, values, allow_pickle=True)
    with pytest.raises(LivescapeError) as caught:
        depth_from_file(path, SIZE, 0.0)
    assert caught.value.code == code
    assert "depth.npy" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("name", ["a.npy", "a.png", "a.tif", "a.pfm", "a.exr"])
@pytest.mark.parametrize("content", [b"", b"no depth at all", b"\x93NUMPY\x01\x00v\x00{'descr'"])
def test_damaged_files_are_unreadable(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(LivescapeError) as caught:
        read_depth(path)
    assert caught.value.code == "depth_unreadable"


def test_a_header_larger_than_its_file_is_unreadable(tmp_path):
    path = saved(tmp_path, "depth.npy", slope())
    honest, boasting = b"(60, 80), }".ljust(20), b"(60000, 80000), }".ljust(20)
    assert honest in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(honest, boasting, 1))
    with pytest.raises(LivescapeError) as caught:
        read_depth(path)
    assert caught.value.code == "depth_unreadable"


def test_missing_files_and_other_formats_are_unreadable(tmp_path):
    for name in ("none.npy", "depth.jpg", "depth"):
        with pytest.raises(LivescapeError) as caught:
            read_depth(tmp_path / name)
        assert caught.value.code == "depth_unreadable"


def test_eight_bits_are_not_enough(tmp_path):
    path = saved(tmp_path, "depth.png", np.full(SIZE, 7, np.uint8))
    with pytest.raises(LivescapeError, match="8-bit"):
        read_depth(path)


@pytest.mark.parametrize("scale", [0.5, 2, 3.25])
def test_another_size_is_resampled_and_edges_stay_steps(tmp_path, scale):
    values = np.full(SIZE, 4.0, np.float32)
    values[:, 40:] = 40.0
    values[:20] = 0.0
    size = (round(60 * scale), round(80 * scale))
    estimate = depth_from_file(saved(tmp_path, "depth.npy", values), size, 0.0)
    assert estimate.depth.shape == size
    assert set(np.unique(estimate.depth[~estimate.sky]).tolist()) == {4.0, 40.0}
    assert estimate.sky.mean() == pytest.approx(1 / 3, abs=0.02)


def test_smooth_surfaces_are_interpolated():
    resampled = resample_depth(slope() + 30.0, (120, 160))
    inner = np.diff(resampled[4:-4, 4:-4], axis=0)
    np.testing.assert_allclose(inner, 0.25, atol=0.02)


def test_an_aspect_within_two_percent_is_accepted(tmp_path):
    path = saved(tmp_path, "depth.npy", np.full((60, 81), 4.0, np.float32))
    assert depth_from_file(path, SIZE, 0.0).depth.shape == SIZE


def test_fill_unknown_matches_a_search_for_the_nearest():
    rng = np.random.default_rng(2)
    values = rng.random((15, 18), dtype=np.float32)
    unknown = rng.random((15, 18)) < 0.4
    filled = fill_unknown(values, unknown)
    known = np.argwhere(~unknown)
    for row, column in np.argwhere(unknown):
        distance = np.hypot(*(known - (row, column)).T)
        nearest = known[distance <= distance.min() * 1.05 + 1e-9]
        assert filled[row, column] in values[nearest[:, 0], nearest[:, 1]]
    with pytest.raises(ValueError, match="unknown"):
        fill_unknown(values, np.ones((15, 18), bool))


def test_the_registry_takes_maps_too():
    layout = SceneLayout(np.full((5, *SIZE), 0.2, np.float32), 31.0)
    image = np.zeros((*SIZE, 3), np.float32)
    inputs = DepthInputs(image, np.eye(3), layout, slope())
    estimate = estimate_depth(here(), inputs, "file")
    assert estimate.horizon_row == 31.0
    np.testing.assert_array_equal(estimate.depth, slope())
