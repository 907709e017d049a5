"""Splat files of other programs, opened by readers that are not ours."""

import gzip
import json
import os
import resource
import struct
import subprocess
import sys

import numpy as np
import pytest
import zstandard
from plyfile import PlyData
from pxr import Gf, Usd, UsdGeom, UsdVol
from tests.shared.splat_samples import covariances, gaussians, moderate

from livescape_shared.errors import LivescapeError
from livescape_shared.formats import spz
from livescape_shared.formats.export import export_frames, frame_path, is_sequence
from livescape_shared.formats.four_dgs import read_four_dgs, splats_at
from livescape_shared.formats.load import load_splats, to_blender
from livescape_shared.formats.spz_streams import MAGIC
from livescape_shared.gaussians import Gaussians
from livescape_shared.rendering import SH_C0
from livescape_shared.splats import Splats

GSPLY = """
import json, sys
from gsply.spz import read_spz
data = read_spz(sys.argv[1])
names = ("means", "scales", "quats", "opacities", "sh0", "shN")
values = {name: getattr(data, name) for name in names}
json.dump({k: None if v is None else v.tolist() for k, v in values.items()}, sys.stdout)
"""


def code(function, *arguments):
    with pytest.raises(LivescapeError) as caught:
        function(*arguments)
    return caught.value.code


def read_by_gsply(path):
    """Run the other reader interpreted, which is faster than having it compile itself."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-W", "ignore", "-c", GSPLY, str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return {name: np.array(value) for name, value in json.loads(done.stdout).items()}


@pytest.mark.parametrize("version", [3, 4])
def test_spz_is_what_another_reader_understands(tmp_path, version):
    before = moderate(40)
    wanted = before.in_axes("y_up")
    path = tmp_path / "a.spz"
    spz.write_spz(path, wanted, version)
    found = read_by_gsply(path)
    np.testing.assert_allclose(found["means"], wanted.gaussians.means, atol=2**-15)
    np.testing.assert_allclose(found["scales"], np.log(wanted.gaussians.scales), atol=1 / 32 + 1e-5)
    same = np.abs(np.sum(found["quats"] * wanted.gaussians.quats, axis=1))
    assert same.min() > 1.0 - 1e-5
    shown = 1.0 / (1.0 + np.exp(-found["opacities"]))
    np.testing.assert_allclose(shown, wanted.gaussians.opacities, atol=0.5 / 255 + 1e-4)
    colors = 0.5 + SH_C0 * found["sh0"]
    np.testing.assert_allclose(colors, wanted.gaussians.colors, atol=0.004)
    np.testing.assert_allclose(found["shN"], wanted.harmonics, atol=0.5 / 128 + 1e-4)


def test_spz_comes_back(tmp_path):
    before = moderate(500, seed=3)
    [path] = export_frames(tmp_path / "a.spz", [(1, before)], 24.0)
    found = load_splats(path)
    assert found.dropped == 0
    matrix = np.array(to_blender(found))
    after = found.splats.transformed(matrix)
    np.testing.assert_allclose(after.gaussians.means, before.gaussians.means, atol=2**-15)
    wanted = covariances(before.gaussians)
    error = np.abs(covariances(after.gaussians) - wanted).max(axis=(1, 2))
    assert (error / np.abs(wanted).max(axis=(1, 2))).max() < 0.08
    np.testing.assert_allclose(after.harmonics, before.harmonics, atol=0.02)
    assert path.stat().st_size < 500 * (62 * 4) / 3


@pytest.mark.parametrize("farthest", [1e-3, 1.0, 500.0, 60_000.0])
def test_spz_positions_are_as_fine_as_the_scene_allows(tmp_path, farthest):
    item = gaussians(50)
    means = item.means / np.abs(item.means).max() * farthest
    moved = Gaussians(means, item.quats, item.scales, item.opacities, item.colors)
    [path] = export_frames(tmp_path / "a.spz", [(1, Splats(moved))], 24.0)
    found = load_splats(path)
    turned = found.splats.transformed(np.array(to_blender(found)))
    np.testing.assert_allclose(
        turned.gaussians.means, means, atol=max(farthest / 2**22, 2**-17) * 1.01
    )
    assert turned.harmonics is None


def test_spz_of_version_2_is_read(tmp_path):
    """One point, written by hand: rotation by three bytes, w >= 0."""
    header = struct.pack("<IIIBBBB", MAGIC, 2, 1, 0, 12, 0, 0)
    position = b"".join((value & 0xFFFFFF).to_bytes(3, "little") for value in (4096, -8192, 1))
    body = position + bytes([255, 128, 128, 128, 160, 160, 144, 255, 128, 128])
    (tmp_path / "v2.spz").write_bytes(gzip.compress(header + body))
    found = load_splats(tmp_path / "v2.spz").splats.gaussians
    np.testing.assert_allclose(found.means, [[1.0, -2.0, 1 / 4096]])
    np.testing.assert_allclose(found.scales, [[1.0, 1.0, np.exp(-1.0)]], rtol=1e-6)
    np.testing.assert_allclose(found.quats, [[0, 1, 0, 0]], atol=0.01)
    np.testing.assert_allclose(found.opacities, 1.0)
    np.testing.assert_allclose(found.colors, 0.5, atol=0.005)


def test_an_spz_that_unpacks_to_far_more_than_splats_ever_do_is_refused(tmp_path, monkeypatch):
    """A hundred kilobytes of zeros that announce a hundred megabytes."""
    path, count = tmp_path / "bomb.spz", 1_500_000
    with gzip.open(path, "wb") as stream:
        stream.write(struct.pack("<IIIBBBB", MAGIC, 3, count, 3, 12, 0, 0))
        for _ in range(count // 10_000):
            stream.write(bytes(65 * 10_000))
    monkeypatch.setattr(np, "frombuffer", lambda *_, **__: pytest.fail("it was unpacked"))
    with pytest.raises(LivescapeError, match="cannot hold") as caught:
        spz.read_spz(path)
    assert caught.value.code == "spz_invalid"


def test_an_spz_4_that_unpacks_to_far_more_than_splats_ever_do_is_refused(tmp_path):
    """Zeros for a million Gaussians, and a frame that says that it is larger than announced."""
    count = 1_500_000
    zeros = zstandard.ZstdCompressor().compress(bytes(9 * count))
    head = struct.pack("<IIIBBBBI12x", MAGIC, 4, count, 0, 12, 0, 5, 32)
    table = b"".join(struct.pack("<QQ", len(zeros), n * count) for n in (9, 1, 3, 3, 4))
    path = tmp_path / "bomb.spz"
    path.write_bytes(head + table + zeros * 5)
    with pytest.raises(LivescapeError, match="cannot hold"):
        spz.read_spz(path)
    head = struct.pack("<IIIBBBBI12x", MAGIC, 4, 1, 0, 12, 0, 5, 32)
    table = b"".join(struct.pack("<QQ", len(zeros), n) for n in (9, 1, 3, 3, 4))
    path.write_bytes(head + table + zeros * 5)
    with pytest.raises(LivescapeError, match="a stream holds 13500000 of 9 bytes"):
        spz.read_spz(path)


def test_damaged_spz_files_are_refused(tmp_path):
    path = tmp_path / "a.spz"
    spz.write_spz(path, moderate(20), 3)
    whole = path.read_bytes()
    raw = gzip.decompress(whole)
    damaged = [b"", whole[:10], whole[: len(whole) // 2], gzip.compress(raw[:12]),
               gzip.compress(raw[:-3]), gzip.compress(b"NGSX" + raw[4:]), raw,
               gzip.compress(raw[:4] + b"\4" + raw[5:]), gzip.compress(raw[:12] + b"\5" + raw[13:]),
               gzip.compress(raw[:8] + b"\xff\xff\xff\xff" + raw[12:])]  # fmt: skip
    for data in damaged:
        path.write_bytes(data)
        assert code(load_splats, path) == "spz_invalid"
    assert code(load_splats, tmp_path / "none.spz") == "spz_invalid"


def test_damaged_spz_4_files_are_refused(tmp_path):
    path = tmp_path / "a.spz"
    spz.write_spz(path, moderate(20), 4)
    whole = path.read_bytes()
    damaged = [whole[:20], whole[:40], whole[:-1], whole[:200] + b"?" * 40 + whole[240:],
               whole[:4] + b"\5" + whole[5:], whole[:8] + b"\xff\xff\xff\xff" + whole[12:],
               whole[:8] + b"\x15" + whole[9:], whole[:12] + b"\2" + whole[13:],
               whole[:15] + b"\5" + whole[16:], whole[:16] + b"\0" + whole[17:],
               whole[:16] + b"\xff\xff" + whole[18:], whole[:32] + b"\xff" * 8 + whole[40:],
               whole[:40] + b"\xff" * 8 + whole[48:]]  # fmt: skip
    for data in damaged:
        path.write_bytes(data)
        assert code(load_splats, path) == "spz_invalid"


def test_an_spz_4_in_other_axes_is_turned(tmp_path):
    """The extension that names a coordinate system, here right, down, front: that of 3DGS."""
    before = moderate(30)
    path = tmp_path / "a.spz"
    spz.write_spz(path, before.in_axes("y_down"), 4)
    whole = path.read_bytes()
    records = struct.pack("<II5s", 0xADBE0002, 5, b"12345") + struct.pack("<III", 0xADBE0003, 4, 6)
    head = whole[:14] + b"\2" + whole[15:16] + struct.pack("<I", 32 + len(records)) + whole[20:32]
    path.write_bytes(head + records + whole[32:])
    found = load_splats(path)
    after = found.splats.transformed(np.array(to_blender(found)))
    np.testing.assert_allclose(after.gaussians.means, before.gaussians.means, atol=2**-15)
    np.testing.assert_allclose(after.harmonics, before.harmonics, atol=0.02)


def test_spz_of_version_1_is_read(tmp_path):
    """One point, written by hand: half floats."""
    header = struct.pack("<IIIBBBB", MAGIC, 1, 1, 0, 12, 0, 0)
    body = np.array([1.0, -2.5, 0.25], "<f2").tobytes() + bytes([255, 128, 128, 128, 160, 160, 144])
    (tmp_path / "v1.spz").write_bytes(gzip.compress(header + body + bytes([255, 128, 128])))
    np.testing.assert_array_equal(
        load_splats(tmp_path / "v1.spz").splats.gaussians.means, [[1.0, -2.5, 0.25]]
    )


def moving(count, frames):
    """Yield frames of a moving set."""
    item = gaussians(count)
    for number in frames:
        means = item.means + np.float32(0.25 * number)
        fading = item.opacities / np.float32(number)
        yield number, Splats(Gaussians(means, item.quats, item.scales, fading, item.colors))


@pytest.mark.parametrize("suffix", [".usda", ".usdc"])
def test_usd_is_of_the_schema_and_moves(tmp_path, suffix):
    frames = dict(moving(30, (10, 11, 12)))
    [path] = export_frames(tmp_path / f"shot{suffix}", frames.items(), 25.0)
    stage = Usd.Stage.Open(str(path))
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (10, 12)
    assert (stage.GetFramesPerSecond(), stage.GetTimeCodesPerSecond()) == (25.0, 25.0)
    assert (UsdGeom.GetStageUpAxis(stage), UsdGeom.GetStageMetersPerUnit(stage)) == ("Z", 1.0)
    splat = UsdVol.ParticleField3DGaussianSplat(stage.GetPrimAtPath("/Livescape/Splats"))
    assert splat
    assert not splat.GetPrim().GetAuthoredAttributes()[0].IsCustom()
    for number, splats in frames.items():
        wanted = splats.gaussians
        for attribute, values in (
            (splat.GetPositionsAttr(), wanted.means),
            (splat.GetScalesAttr(), wanted.scales),
            (splat.GetOpacitiesAttr(), wanted.opacities),
        ):
            np.testing.assert_array_equal(np.array(attribute.Get(number)), values)
        first = splat.GetOrientationsAttr().Get(number)[0]
        assert Gf.IsClose(first.GetReal(), float(wanted.quats[0, 0]), 1e-6)
        np.testing.assert_allclose(first.GetImaginary(), wanted.quats[0, 1:], atol=1e-6)
        low, high = np.array(splat.GetExtentAttr().Get(number))
        assert (low < wanted.means).all()
        assert (high > wanted.means).all()
    base = np.array(splat.GetRadianceSphericalHarmonicsCoefficientsAttr().Get())
    assert splat.GetRadianceSphericalHarmonicsDegreeAttr().Get() == 0
    np.testing.assert_allclose(0.5 + SH_C0 * base, gaussians(30).colors, atol=1e-6)


def test_usd_holds_all_coefficients_of_one_splat_after_another(tmp_path):
    before = moderate(4)
    [path] = export_frames(tmp_path / "a.usdc", [(1, before)], 24.0)
    stage = Usd.Stage.Open(str(path))
    splat = UsdVol.ParticleField3DGaussianSplat(stage.GetPrimAtPath("/Livescape/Splats"))
    assert splat.GetRadianceSphericalHarmonicsDegreeAttr().Get() == 3
    found = np.array(splat.GetRadianceSphericalHarmonicsCoefficientsAttr().Get())
    np.testing.assert_array_equal(found.reshape(4, 16, 3)[:, 1:], before.harmonics)


def test_long_usd_files_hold_every_frame(tmp_path):
    """More frames than are kept in memory."""
    [path] = export_frames(tmp_path / "a.usdc", moving(5, range(1, 41)), 24.0)
    stage = Usd.Stage.Open(str(path))
    attribute = stage.GetAttributeAtPath("/Livescape/Splats.positions")
    assert attribute.GetTimeSamples() == list(range(1, 41))
    for number, splats in moving(5, range(1, 41)):
        np.testing.assert_array_equal(np.array(attribute.Get(number)), splats.gaussians.means)


def test_a_sequence_is_one_file_a_frame(tmp_path):
    frames = dict(moving(6, (-1, 7, 12345)))
    paths = export_frames(tmp_path / "splats_####.ply", frames.items(), 24.0, "z_up")
    assert [path.name for path in paths] == [
        "splats_-001.ply", "splats_0007.ply", "splats_12345.ply"
    ]  # fmt: skip
    for path, splats in zip(paths, frames.values(), strict=True):
        np.testing.assert_allclose(
            PlyData.read(path)["vertex"]["z"], splats.gaussians.means[:, 2], atol=1e-6
        )
    assert len(list(tmp_path.iterdir())) == 3


def test_a_still_is_the_first_frame_in_the_axes_of_3dgs(tmp_path):
    frames = list(moving(6, (1, 2)))
    assert export_frames(tmp_path / "a.ply", frames, 24.0) == [tmp_path / "a.ply"]
    vertex = PlyData.read(tmp_path / "a.ply")["vertex"]
    means = frames[0][1].gaussians.means
    np.testing.assert_allclose(vertex["y"], -means[:, 2], atol=1e-6)
    np.testing.assert_allclose(vertex["z"], means[:, 1], atol=1e-6)
    assert not is_sequence(tmp_path / "a.usdc")
    assert frame_path(tmp_path / "a_#.ply", 12).name == "a_12.ply"


@pytest.mark.parametrize(
    ("name", "most"),
    [("x.ply", 4.0), ("x.compressed.ply", 4.0), ("x.glb", 4.0), ("x.usdc", 4.0), ("x.spz", 1.44),
     ("x.4dgs", 1.0)],
)  # fmt: skip
def test_colours_beyond_white_are_kept_or_cut_off(tmp_path, name, most):
    sample = moderate(12)
    colors = np.tile(np.linspace(0.1, 4.0, 12, dtype=np.float32)[:, None], 3)
    plain = sample.gaussians
    bright = Gaussians(plain.means, plain.quats, plain.scales, plain.opacities, colors)
    path = tmp_path / name
    export_frames(path, [(1, Splats(bright))], 24.0)
    if name.endswith(".4dgs"):
        scene, _, axes = read_four_dgs(path)
        found = splats_at(scene, 0.0, axes)
    else:
        found = load_splats(path)
    shown = np.sort(found.splats.gaussians.colors[:, 0])
    np.testing.assert_allclose(shown, np.minimum(colors[:, 0], most), atol=0.02)


def test_names_of_no_known_kind_are_refused(tmp_path):
    for name in ("a", "a.obj", "a_####.png"):
        assert code(export_frames, tmp_path / name, moving(2, (1,)), 24.0) == (
            "export_format_unknown"
        )


@pytest.mark.parametrize("name", ["a.ply", "a.spz", "a.usdc", "a_####.ply"])
def test_a_failed_export_leaves_the_old_file_and_nothing_else(tmp_path, name):
    (tmp_path / name).write_text("old")

    def failing():
        yield from moving(3, (1,))
        raise LivescapeError("disk_full", "Full.")

    blocked = tmp_path / "file" / name
    blocked.parent.write_text("a file where a folder should be")
    assert code(export_frames, blocked, moving(3, (1,)), 24.0) == "output_not_writable"
    if name.endswith("usdc") or "#" in name:
        assert code(export_frames, tmp_path / name, failing(), 24.0) == "disk_full"
    assert (tmp_path / name).read_text() == "old"
    left = {path.name for path in tmp_path.iterdir()}
    assert left <= {name, "file", "a_0001.ply"}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("a.ply", "disk_full"), ("a.spz", "disk_full"), ("a.usdc", "output_not_writable")],
)
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path, name, wanted):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        assert code(export_frames, tmp_path / name, moving(5000, (1, 2)), 24.0) == wanted
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []
