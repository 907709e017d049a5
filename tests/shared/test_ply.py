"""The 3DGS PLY: there and back, read independently, and damaged."""

import struct

import numpy as np
import pytest
from plyfile import PlyData, PlyElement
from tests.shared.splat_samples import gaussians

from livescape_shared.errors import LivescapeError
from livescape_shared.ply import read_ply, read_splat_ply, write_ply
from livescape_shared.rendering import SH_C0

PROPERTIES = [
    "x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2",
    "opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3",
]  # fmt: skip


def refused(path):
    with pytest.raises(LivescapeError) as caught:
        read_ply(path)
    assert caught.value.code == "ply_invalid"
    assert path.name in caught.value.message
    return caught.value.message


@pytest.mark.parametrize("count", [0, 1, 257])
def test_a_set_survives_the_file(tmp_path, count):
    before = gaussians(count)
    write_ply(tmp_path / "a.ply", before)
    after = read_ply(tmp_path / "a.ply")
    for name in ("means", "quats", "scales", "opacities", "colors"):
        np.testing.assert_allclose(
            getattr(after, name), getattr(before, name), rtol=2e-6, atol=2e-6, err_msg=name
        )
    assert list(tmp_path.iterdir()) == [tmp_path / "a.ply"]


def test_the_file_is_what_the_first_release_wrote(tmp_path):
    """Parsed here line by line, with none of the reader's code."""
    before = gaussians(5)
    write_ply(tmp_path / "a.ply", before)
    data = (tmp_path / "a.ply").read_bytes()
    head, body = data.split(b"end_header\n", 1)
    lines = head.decode("ascii").splitlines()
    assert lines[:3] == ["ply", "format binary_little_endian 1.0", "element vertex 5"]
    assert lines[3:] == [f"property float {name}" for name in PROPERTIES]
    assert len(body) == 5 * len(PROPERTIES) * 4
    for i in range(5):
        row = dict(zip(PROPERTIES, struct.unpack_from("<17f", body, i * 68), strict=True))
        assert row["x"] == before.means[i, 0]
        assert (row["nx"], row["ny"], row["nz"]) == (0.0, 0.0, 0.0)
        assert 1 / (1 + np.exp(-row["opacity"])) == pytest.approx(before.opacities[i], rel=1e-5)
        assert np.exp(row["scale_2"]) == pytest.approx(before.scales[i, 2], rel=1e-5)
        assert 0.5 + SH_C0 * row["f_dc_1"] == pytest.approx(before.colors[i, 1], abs=1e-6)
        assert row["rot_0"] == before.quats[i, 0]


def test_certain_and_vanishing_opacity_stay_finite(tmp_path):
    before = gaussians(3)
    before.opacities[:] = [0.0, 1.0, 0.5]
    before.scales[0] = 0.0
    write_ply(tmp_path / "a.ply", before)
    data = (tmp_path / "a.ply").read_bytes().split(b"end_header\n", 1)[1]
    assert np.isfinite(np.frombuffer(data, "<f4")).all()
    np.testing.assert_allclose(read_ply(tmp_path / "a.ply").opacities, [0, 1, 0.5], atol=2e-6)


def test_other_orders_types_and_properties_are_understood(tmp_path):
    """As other tools write it: doubles, view-dependent colour, no normals, a comment."""
    names = ["rot_3", "rot_2", "rot_1", "rot_0", "opacity", "f_rest_0", "scale_0", "scale_1",
             "scale_2", "f_dc_2", "f_dc_1", "f_dc_0", "z", "y", "x"]  # fmt: skip
    rows = np.zeros(2, dtype=[(name, "<f8") for name in names] + [("flag", "u1")])
    rows["x"], rows["rot_0"], rows["f_dc_0"] = [1.5, -2.0], 2.0, [0.5, -0.5]
    lines = ["ply", "format binary_little_endian 1.0", "comment by another tool"]
    lines += ["element vertex 2", *(f"property double {name}" for name in names)]
    lines += ["property uchar flag", "element face 0", "property list uchar int vertex_indices"]
    header = "\n".join([*lines, "end_header\n"]).encode()
    (tmp_path / "b.ply").write_bytes(header + rows.tobytes())
    found = read_ply(tmp_path / "b.ply")
    np.testing.assert_array_equal(found.means[:, 0], np.float32([1.5, -2.0]))
    np.testing.assert_array_equal(found.quats, np.float32([[1, 0, 0, 0]] * 2))
    np.testing.assert_allclose(found.scales, 1.0)
    np.testing.assert_allclose(found.colors[:, 0], 0.5 + SH_C0 * np.array([0.5, -0.5]), rtol=1e-6)


@pytest.mark.parametrize("length", [0, 2, 3, 10, 60, 300, 420, 500, -1, -67])
def test_a_truncated_file_is_named(tmp_path, length):
    path = tmp_path / "a.ply"
    write_ply(path, gaussians(4))
    path.write_bytes(path.read_bytes()[:length])
    refused(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"ply\n", b"plx\n"),
        (b"binary_little_endian", b"ascii"),
        (b"binary_little_endian", b"binary_big_endian"),
        (b"element vertex 4", b"element vertex -4"),
        (b"element vertex 4", b"element vertex 4000000000"),
        (b"element vertex 4", b"element vertex many"),
        (b"element vertex 4", b"element face 4"),
        (b"element vertex 4", b"element vertex 5"),
        (b"property float opacity", b"property float opaqueness"),
        (b"property float opacity", b"property half opacity"),
        (b"property float opacity", b"property list uchar int opacity"),
        (b"property float ny", b"property float nx"),
    ],
)
def test_other_headers_are_refused(tmp_path, old, new):
    path = tmp_path / "a.ply"
    write_ply(path, gaussians(4))
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))
    refused(path)


def test_what_is_no_file_is_named(tmp_path):
    refused(tmp_path / "none.ply")
    refused(tmp_path)


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
@pytest.mark.parametrize("seed", range(4))
def test_mutated_files_never_surprise(tmp_path, seed):
    rng = np.random.default_rng(seed)
    path = tmp_path / "a.ply"
    write_ply(path, gaussians(6))
    whole = path.read_bytes()
    header = whole.index(b"end_header") + 11
    outcomes = set()
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(int(rng.integers(1, 4))):
            at = int(rng.integers(header if rng.random() < 0.7 else len(data)))
            data[at] = int(rng.integers(256))
        path.write_bytes(data)
        try:
            outcomes.add(len(read_ply(path)))
        except LivescapeError as error:
            outcomes.add(error.code)
    assert outcomes <= {"ply_invalid", *range(7)}
    assert "ply_invalid" in outcomes
    assert 6 in outcomes


@pytest.mark.parametrize("seed", range(3))
def test_garbage_is_refused(tmp_path, seed):
    rng = np.random.default_rng(seed)
    (tmp_path / "a.ply").write_bytes(b"ply\n" + rng.bytes(4000) + b"end_header\n" + rng.bytes(99))
    refused(tmp_path / "a.ply")


def rows_of(path):
    """Return the vertices of a file of ours as a writable array, and its header."""
    head, body = path.read_bytes().split(b"end_header\n", 1)
    names = [line.split()[2] for line in head.decode().splitlines() if "property" in line]
    return head + b"end_header\n", np.frombuffer(body, [(n, "<f4") for n in names]).copy()


@pytest.mark.parametrize(
    ("column", "value"),
    [("x", np.nan), ("z", np.inf), ("f_dc_1", np.nan), ("opacity", np.nan), ("scale_1", np.inf),
     ("scale_0", -np.inf), ("scale_2", -200.0), ("rot_2", np.nan), ("f_rest_4", np.inf)],
)  # fmt: skip
def test_impossible_rows_are_dropped_by_the_import_and_refused_in_a_cache(tmp_path, column, value):
    before = gaussians(5)
    rest = np.random.default_rng(1).normal(size=(5, 3, 3)).astype(np.float32)
    write_ply(tmp_path / "a.ply", before, rest)
    header, rows = rows_of(tmp_path / "a.ply")
    rows[column][[1, 3]] = value
    (tmp_path / "a.ply").write_bytes(header + rows.tobytes())
    found = read_splat_ply(tmp_path / "a.ply")
    assert (len(found.splats), found.dropped) == (3, 2)
    np.testing.assert_array_equal(found.splats.gaussians.means, before.means[[0, 2, 4]])
    np.testing.assert_array_equal(found.splats.harmonics, rest[[0, 2, 4]])
    if column != "f_rest_4":
        assert "2 Gaussians have impossible values" in refused(tmp_path / "a.ply")


def test_a_rotation_without_length_is_dropped(tmp_path):
    write_ply(tmp_path / "a.ply", gaussians(3))
    header, rows = rows_of(tmp_path / "a.ply")
    for name in ("rot_0", "rot_1", "rot_2", "rot_3"):
        rows[name][2] = 0.0
    (tmp_path / "a.ply").write_bytes(header + rows.tobytes())
    assert read_splat_ply(tmp_path / "a.ply").dropped == 1


@pytest.mark.parametrize("count", [3, 8, 15])
def test_view_dependent_colour_lies_channel_after_channel(tmp_path, count):
    """As in INRIA's files: f_rest_k of red, then of green, then of blue."""
    rest = np.random.default_rng(2).normal(size=(4, count, 3)).astype(np.float32)
    write_ply(tmp_path / "a.ply", gaussians(4), rest)
    _, rows = rows_of(tmp_path / "a.ply")
    for channel in range(3):
        for k in range(count):
            column = rows[f"f_rest_{channel * count + k}"]
            np.testing.assert_array_equal(column, rest[:, k, channel])
    found = read_splat_ply(tmp_path / "a.ply").splats
    np.testing.assert_array_equal(found.harmonics, rest)
    assert found.degree == {3: 1, 8: 2, 15: 3}[count]


def test_degree_four_is_cut_to_three_and_zeros_are_no_colour(tmp_path):
    rest = np.random.default_rng(3).normal(size=(4, 24, 3)).astype(np.float32)
    write_ply(tmp_path / "a.ply", gaussians(4), rest)
    np.testing.assert_array_equal(read_splat_ply(tmp_path / "a.ply").splats.harmonics, rest[:, :15])
    write_ply(tmp_path / "b.ply", gaussians(4), np.zeros((4, 15, 3), np.float32))
    assert read_splat_ply(tmp_path / "b.ply").splats.harmonics is None


def sharp_file(path, count):
    """Write what apple/ml-sharp writes: no normals, full opacity, elements after the vertices."""
    names = ["x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1",
             "scale_2", "rot_0", "rot_1", "rot_2", "rot_3"]  # fmt: skip
    rows = np.zeros(count, [(name, "<f4") for name in names])
    rows["x"], rows["rot_0"], rows["opacity"] = np.arange(count), 1.0, np.inf
    after = {
        "extrinsic": (16, "float"), "intrinsic": (9, "float"), "image_size": (2, "uint"),
        "frame": (2, "int"), "disparity": (2, "float"), "color_space": (1, "uchar"),
        "version": (3, "uchar"),
    }  # fmt: skip
    lines = ["ply", "format binary_little_endian 1.0", f"element vertex {count}"]
    lines += [f"property float {name}" for name in names]
    for name, (length, kind) in after.items():
        lines += [f"element {name} {length}", f"property {kind} {name}"]
    header = "\n".join([*lines, "end_header\n"]).encode()
    path.write_bytes(header + rows.tobytes() + bytes(16 * 4 + 9 * 4 + 3 * 8 + 4))


def test_files_of_sharp_are_read_and_known(tmp_path):
    sharp_file(tmp_path / "s.ply", 7)
    found = read_splat_ply(tmp_path / "s.ply")
    assert (len(found.splats), found.dropped, found.blends_linearly) == (7, 0, True)
    np.testing.assert_array_equal(found.splats.gaussians.opacities, 1.0)
    write_ply(tmp_path / "a.ply", gaussians(3))
    assert not read_splat_ply(tmp_path / "a.ply").blends_linearly


def test_an_independent_reader_finds_the_same(tmp_path):
    before = gaussians(20)
    rest = np.random.default_rng(4).normal(size=(20, 15, 3)).astype(np.float32)
    write_ply(tmp_path / "a.ply", before, rest)
    vertex = PlyData.read(tmp_path / "a.ply")["vertex"]
    assert len(vertex.properties) == 17 + 45
    np.testing.assert_array_equal(vertex["y"], before.means[:, 1])
    np.testing.assert_array_equal(vertex["f_rest_16"], rest[:, 1, 1])
    np.testing.assert_allclose(np.exp(vertex["scale_0"]), before.scales[:, 0], rtol=1e-5)


def test_files_of_an_independent_writer_are_read(tmp_path):
    before = gaussians(6)
    write_ply(tmp_path / "a.ply", before)
    data = PlyData.read(tmp_path / "a.ply")
    doubles = np.array(
        data["vertex"].data, [(name, "<f8") for name in reversed(data["vertex"].data.dtype.names)]
    )
    for name in doubles.dtype.names:
        doubles[name] = data["vertex"][name]
    PlyData([PlyElement.describe(doubles, "vertex")], byte_order="<").write(tmp_path / "b.ply")
    np.testing.assert_array_equal(read_ply(tmp_path / "b.ply").means, before.means)
    PlyData(data.elements, text=True).write(tmp_path / "c.ply")
    assert "written as text" in refused(tmp_path / "c.ply")
    PlyData(data.elements, byte_order=">").write(tmp_path / "d.ply")
    assert "not binary little-endian" in refused(tmp_path / "d.ply")
