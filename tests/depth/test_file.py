"""Depth maps of the user's: every format, every way they can be wrong."""

import io
import zipfile

import cv2
import numpy as np
import pytest
from tests.contexts import here

from livescape.depth.depth_estimators import DepthInputs, estimate_depth
from livescape.depth.file import depth_from_map, read_depth_map, stored_depth, unit_remarks
from livescape.imaging.resampling import fill_unknown, resample_depth
from livescape.imaging.sides import MAX_SIDE
from livescape.layout.types import SceneLayout
from livescape_shared.errors import LivescapeError

SIZE = (60, 80)


def slope():
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    return (3.0 + 0.5 * rows + 0.25 * columns).astype(np.float32)


def saved(kind, values, **options):
    """Return the bytes of a file of the given kind."""
    if kind in ("npy", "npz"):
        stream = io.BytesIO()
        if kind == "npy":
            np.save(stream, values, **options)
        else:
            np.savez_compressed(stream, **values)
        return stream.getvalue()
    return cv2.imencode(f".{kind}", values)[1].tobytes()


def fitted(data, size=SIZE, horizon_row=0.0):
    return depth_from_map(read_depth_map(data), size, horizon_row)


def refusal(data):
    with pytest.raises(LivescapeError) as caught:
        fitted(data)
    assert caught.value.stage == "depth"
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("kind", ["npy", "tif", "pfm"])
def test_float_formats_are_metres(kind):
    data = saved(kind, slope())
    np.testing.assert_array_equal(read_depth_map(data), slope())
    estimate = fitted(data, horizon_row=12.5)
    np.testing.assert_array_equal(estimate.depth, slope())
    assert not estimate.sky.any()
    assert (estimate.source, estimate.horizon_row) == ("file", 12.5)


@pytest.mark.parametrize("dtype", ["<f2", ">f4", "<f8", ">f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_every_precision_and_order(dtype, order):
    values = np.asarray(np.rint(slope()), dtype=dtype, order=order)
    read = read_depth_map(saved("npy", values))
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, values)


def test_an_archive_gives_its_depth_or_its_only_array():
    several = {"focallength_px": np.float32(900.0), "depth": slope()}
    np.testing.assert_array_equal(read_depth_map(saved("npz", several)), slope())
    np.testing.assert_array_equal(read_depth_map(saved("npz", {"arr_0": slope()})), slope())
    refused = refusal(saved("npz", {"left": slope(), "right": slope()}))
    assert "left, right" in refused.message


def test_png_is_centimetres_and_zero_is_sky():
    centimetres = np.round(slope() * 100).astype(np.uint16)
    centimetres[:10] = 0
    estimate = fitted(saved("png", centimetres))
    np.testing.assert_allclose(estimate.depth[10:], slope()[10:], atol=0.006)
    np.testing.assert_array_equal(estimate.sky, centimetres == 0)
    assert (estimate.depth[:10] > 2.0 * estimate.depth[10:].max() - 1e-3).all()


@pytest.mark.parametrize("value", [np.inf, -np.inf, 0.0, -1.0, 1e10])
def test_what_is_not_a_distance_is_sky(value):
    values = slope()
    values[:7, :9] = value
    estimate = fitted(saved("npy", values))
    assert estimate.sky[:7, :9].all()
    assert estimate.sky.sum() == 63
    assert np.isfinite(estimate.depth).all()


def test_few_unknown_pixels_take_their_neighbours():
    values = np.full(SIZE, 5.0, np.float32)
    values[:, 40:] = np.inf
    values[20:25, 10:14] = np.nan
    values[30, 60] = np.nan
    estimate = fitted(saved("npy", values))
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
def test_unusable_arrays_say_why(values, code):
    refused = refusal(saved("npy", values, allow_pickle=True))
    assert refused.code == code
    assert "depth map" in refused.message


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no depth at all",
        b"\x93NUMPY\x01\x00v\x00{'descr'",
        b"PK\x03\x04" + bytes(40),
        b"Pf\n4 4\n-1\n",
        b"\x76\x2f\x31\x01",
        b"\x89PNG\r\n\x1a\n",
        b"II*\0",
    ],
)
def test_damaged_files_are_unreadable(content):
    assert refusal(content).code == "depth_unreadable"


def zipped(content):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("depth.npy", content)
    return stream.getvalue()


@pytest.mark.parametrize("wrap", [bytes, zipped])
@pytest.mark.parametrize(
    "shape",
    ["(60000, 80000)", "(1048576, 1048576)", "(-60, -80)", "(99999999999999999999, 4)",
     "(60.0, 80)"],
)  # fmt: skip
def test_a_header_larger_than_its_file_is_unreadable(shape, wrap):
    honest = b"(60, 80), }".ljust(40)
    data = saved("npy", slope())
    assert honest in data
    boasting = data.replace(honest, f"{shape}, }}".encode().ljust(40))
    assert refusal(wrap(boasting)).code == "depth_unreadable"


def test_an_archive_that_unpacks_to_gigabytes_is_refused_unread(monkeypatch):
    def never(*_):
        raise AssertionError("unpacking costs the memory that the limit protects")

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("depth.npy", "w", force_zip64=True) as entry:
            entry.write(b"nothing")
    data = stream.getvalue()
    at = data.index(b"PK\x01\x02") + 24  # what the directory says it unpacks to
    data = data[:at] + (4_000_000_000).to_bytes(4, "little") + data[at + 4 :]
    monkeypatch.setattr(zipfile.ZipFile, "open", never)
    assert refusal(data).code == "depth_invalid"


@pytest.mark.parametrize("kind", ["npy", "tif", "pfm", "png"])
def test_what_is_too_large_is_refused(monkeypatch, kind):
    values = np.ones((2, MAX_SIDE + 1), np.uint16 if kind == "png" else np.float32)
    data = saved(kind, values)
    monkeypatch.setattr(cv2, "imdecode", None)
    refused = refusal(data)
    assert refused.code == "depth_invalid"
    assert f"{MAX_SIDE + 1} x 2 pixels" in refused.message


def test_a_png_that_announces_a_gigapixel_is_refused_by_its_header(monkeypatch):
    data = saved("png", np.ones((4, 4), np.uint16))
    data = data[:16] + 2 * (30_000).to_bytes(4) + data[24:]
    monkeypatch.setattr(cv2, "imdecode", None)
    assert "30000 x 30000" in refusal(data).message


def test_other_formats_are_unreadable_and_named():
    assert (
        "GIF cannot be read as a depth map"
        in refusal(saved("gif", np.ones((*SIZE, 3), np.uint8))).message
    )


def test_millimetres_and_whole_metres():
    millimetres = np.rint(slope() * 1000.0)
    for data in (saved("png", millimetres.astype(np.uint16)), saved("npy", millimetres)):
        np.testing.assert_allclose(read_depth_map(data, "millimetres"), slope(), atol=1e-3)
    whole = np.rint(slope()).astype(np.uint16)
    np.testing.assert_array_equal(read_depth_map(saved("png", whole), "metres"), whole)


@pytest.mark.parametrize("scale", [0.5, 2, 3.25])
def test_another_size_is_resampled_and_edges_stay_steps(scale):
    values = np.full(SIZE, 4.0, np.float32)
    values[:, 40:] = 40.0
    values[:20] = 0.0
    size = (round(60 * scale), round(80 * scale))
    estimate = fitted(saved("npy", values), size)
    assert estimate.depth.shape == size
    assert set(np.unique(estimate.depth[~estimate.sky]).tolist()) == {4.0, 40.0}
    assert estimate.sky.mean() == pytest.approx(1 / 3, abs=0.02)


def test_smooth_surfaces_are_interpolated():
    resampled = resample_depth(slope() + 30.0, (120, 160))
    inner = np.diff(resampled[4:-4, 4:-4], axis=0)
    np.testing.assert_allclose(inner, 0.25, atol=0.02)


def test_an_aspect_within_two_percent_is_accepted():
    assert fitted(saved("npy", np.full((60, 81), 4.0, np.float32))).depth.shape == SIZE


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
    layout = SceneLayout(
        np.full((5, *SIZE), 0.2, np.float32), 31.0, *np.zeros((3, *SIZE), np.float32)
    )
    image = np.zeros((*SIZE, 3), np.float32)
    inputs = DepthInputs(image, np.eye(3), layout, slope())
    estimate = estimate_depth(here(), inputs, "file")
    assert estimate.horizon_row == 31.0
    np.testing.assert_array_equal(estimate.depth, slope())


@pytest.mark.parametrize(("dtype", "meaning", "said"), [
    (np.uint16, "auto", True), (np.int16, "auto", True), (np.uint16, "millimetres", False),
    (np.uint16, "inverse", False), (np.float32, "auto", False), (np.uint8, "auto", False),
])  # fmt: skip
def test_a_unit_that_was_assumed_is_said(dtype, meaning, said):
    stream = io.BytesIO()
    np.save(stream, np.full((4, 6), 90, dtype))
    remarks = unit_remarks(stored_depth(stream.getvalue()), meaning)
    assert bool(remarks) is said
    assert all("centimetres" in each and "Depth Values" in each for each in remarks)


@pytest.mark.parametrize("name", ["depth", "predicted_depth", "depth_map"])
@pytest.mark.parametrize("shape", [(5, 7), (1, 5, 7), (1, 1, 5, 7), (5, 7, 1)])
def test_arrays_as_networks_leave_them(name, shape):
    stream = io.BytesIO()
    metres = np.linspace(2, 30, 35, dtype=np.float32)
    np.savez(stream, **{name: metres.reshape(shape), "K": np.eye(3)})
    np.testing.assert_array_equal(read_depth_map(stream.getvalue()), metres.reshape(5, 7))


def test_depth_of_sintel_and_with_transparency():
    metres = np.linspace(2, 30, 35, dtype=np.float32).reshape(5, 7)
    data = b"PIEH" + np.array([7, 5], "<i4").tobytes() + metres.tobytes()
    np.testing.assert_array_equal(read_depth_map(data), metres)
    codes = np.rint(metres * 100).astype(np.uint16)
    picture = np.dstack([codes, codes, codes, np.full_like(codes, 65535)])
    found = read_depth_map(cv2.imencode(".png", picture)[1].tobytes())
    np.testing.assert_allclose(found, metres, atol=0.006)


def test_depth_in_colours_is_refused_by_what_it_is():
    shown = cv2.applyColorMap(np.arange(96, dtype=np.uint8).reshape(8, 12), cv2.COLORMAP_JET)
    with pytest.raises(LivescapeError, match="in colours"):
        read_depth_map(cv2.imencode(".png", shown)[1].tobytes())
