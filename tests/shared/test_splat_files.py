"""Splat files of other programs: those that they wrote, read here; and damaged ones."""

import json
import shutil
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tests.shared.splat_checks import assert_same, refusal, upright
from tests.shared.splat_samples import exchanged, moderate

from livescape_shared.errors import LivescapeError
from livescape_shared.formats.export import export_frames, with_ending
from livescape_shared.formats.load import load_splats
from livescape_shared.formats.webp import webp_size
from livescape_shared.gaussians import Gaussians
from livescape_shared.ply import write_ply
from livescape_shared.splats import Splats

DATA = Path(__file__).parents[1] / "data" / "splats"

LIMITS = {
    "transform.spz": (3e-4, 0.004, 0.07, 0.1),
    "transform_v3.spz": (3e-4, 0.004, 0.07, 0.1),
    "transform.compressed.ply": (0.004, 0.003, 0.02, 0.03),
    "transform.sog": (3e-4, 0.004, 0.06, 0.01),
    "transform.glb": (1e-6, 1e-6, 1e-5, 1e-6),
    "splats3d_0.ksplat": (1e-6, 0.004, 1e-4, 1e-6),
    "splats3d_1.ksplat": (1e-4, 0.004, 0.005, 1e-3),
    "splats3d_2.ksplat": (1e-4, 0.004, 0.005, 0.013),
}
"""Farthest position, colour and opacity, covariance relative to its largest entry, harmonics."""

ABOUT_FACE = np.diag([-1.0, -1.0, 1.0, 1.0])
"""PlayCanvas' world looks back along Blender's: y up, but turned about it by half a turn."""


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_files_of_other_programs_hold_what_they_were_given(name):
    found = upright(DATA / name)
    if name.endswith(".glb"):
        found = found.transformed(ABOUT_FACE)
    assert_same(found, exchanged(), LIMITS[name])


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_the_content_says_what_a_file_is_and_not_its_name(tmp_path, name):
    """Renamed to what it is not; only a .ksplat, which has no magic, needs a name that fits."""
    other = tmp_path / ("a.bin" if name.endswith("ksplat") else "a.ply")
    shutil.copy(DATA / name, other)
    assert len(load_splats(other).splats) == 50


def test_a_splat_file_is_read(tmp_path):
    """Written here byte by byte, as antimatter15's converter does."""
    wanted = exchanged()
    rows = b""
    for at in range(50):
        one = wanted.gaussians[at : at + 1]
        rgba = [*np.rint(one.colors[0] * 255), np.rint(one.opacities[0] * 255)]
        turn = np.clip(np.rint(one.quats[0] * 128 + 128), 0, 255)
        rows += struct.pack("<6f", *one.means[0], *one.scales[0])
        rows += bytes(int(value) for value in [*rgba, *turn])
    path = tmp_path / "a.splat"
    path.write_bytes(rows)
    found = load_splats(path).splats.gaussians
    np.testing.assert_array_equal(found.means, wanted.gaussians.means)
    np.testing.assert_array_equal(found.scales, wanted.gaussians.scales)
    np.testing.assert_allclose(found.colors, wanted.gaussians.colors, atol=0.0021)
    np.testing.assert_allclose(found.opacities, wanted.gaussians.opacities, atol=0.0021)
    assert np.abs(np.sum(found.quats * wanted.gaussians.quats, axis=1)).min() > 0.9998
    for other in ("a.ply", "a.bin", "a.glb"):  # it has no magic, but its rotations are of length 1
        (tmp_path / other).write_bytes(rows)
        assert len(load_splats(tmp_path / other).splats) == 50
    path.write_bytes(rows[:-5])
    assert refusal(path) == "splats_invalid"
    path.write_bytes(np.random.default_rng(1).bytes(3200))
    assert refusal(path) == "splats_invalid"


@pytest.mark.parametrize("ending", [".compressed.ply", ".glb", ".spz"])
@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_what_we_write_comes_back(tmp_path, ending, degree):
    wanted = moderate(700, seed=2)
    count = (degree + 1) ** 2 - 1
    rest = wanted.harmonics[:, :count] if degree else None
    [path] = export_frames(tmp_path / f"a{ending}", [(1, Splats(wanted.gaussians, rest))], 24.0)
    found = upright(path)
    assert found.degree == degree
    full = np.zeros((700, 15, 3), np.float32)
    if degree:
        full[:, :count] = found.harmonics
        wanted = Splats(wanted.gaussians, np.pad(rest, ((0, 0), (0, 15 - count), (0, 0))))
    else:
        wanted = Splats(wanted.gaussians, np.zeros_like(full))
    limits = {".compressed.ply": (0.004, 0.004, 0.02, 0.03), ".glb": (1e-6, 1e-6, 1e-5, 1e-6),
              ".spz": (1e-4, 0.004, 0.07, 0.02)}  # fmt: skip
    assert_same(Splats(found.gaussians, full), wanted, limits[ending])


@pytest.mark.parametrize("ending", [".compressed.ply", ".spz"])
def test_one_stray_costs_the_others_no_precision(tmp_path, ending):
    """A Gaussian a thousand kilometres away is left out; a far sky, which one sees, is kept."""
    near = moderate(700, seed=2)
    plain = near.gaussians
    means = np.concatenate([plain.means, [[1e6, 0, 0], [0, 900, 50], [30, 800, 60]]])
    scales = np.concatenate([plain.scales, [[1, 1, 1], [200, 200, 1], [200, 200, 1]]])
    last = [697, 698, 699]
    quats = np.concatenate([plain.quats, plain.quats[last]])
    opacities = np.concatenate([plain.opacities, [0.9, 0.9, 0.9]])
    colors = np.concatenate([plain.colors, plain.colors[last]])
    rest = np.concatenate([near.harmonics, near.harmonics[last]])
    whole = Splats(Gaussians(means, quats, scales, opacities, colors), rest)
    [path] = export_frames(tmp_path / f"a{ending}", [(1, whole)], 24.0)
    found = upright(path).gaussians.means
    assert len(found) == 702
    off = np.linalg.norm(found[:, None] - means[:700][None], axis=2).min(axis=0)
    assert np.median(off) < 0.003
    assert np.linalg.norm(found, axis=1).max() > 850.0


def test_empty_scenes_are_written_where_the_format_can(tmp_path):
    nothing = Splats(exchanged().gaussians[:0])
    for ending in (".ply", ".compressed.ply", ".spz"):
        [path] = export_frames(tmp_path / f"a{ending}", [(1, nothing)], 24.0)
        assert len(load_splats(path).splats) == 0
    with pytest.raises(LivescapeError) as caught:
        export_frames(tmp_path / "a.glb", [(1, nothing)], 24.0)
    assert caught.value.code == "splats_missing"
    assert not (tmp_path / "a.glb").exists()


def test_endings_are_exchanged_whole():
    ends = {"a.ply": "a.spz", "a.compressed.ply": "a.spz", "a": "a.spz", "a.b": "a.spz"}
    for name, wanted in ends.items():
        assert with_ending(Path("/x") / name, ".spz") == Path("/x") / wanted
    assert with_ending(Path("a.ply"), ".compressed.ply") == Path("a.compressed.ply")


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value", "ignore:divide by zero")
@pytest.mark.parametrize("name", sorted(LIMITS))
def test_mutated_files_never_surprise(tmp_path, name):
    """Cut, and with bytes exchanged: read or refused in a sentence, never another error."""
    whole = (DATA / name).read_bytes()
    rng = np.random.default_rng(len(name))
    path = tmp_path / name
    outcomes = set()
    for turn in range(120):
        data = bytearray(whole)
        for _ in range(int(rng.integers(1, 4))):
            data[int(rng.integers(len(data) if rng.random() < 0.5 else 64))] = int(
                rng.integers(256)
            )
        path.write_bytes(data[: int(rng.integers(len(data)))] if turn % 4 == 0 else data)
        try:
            load_splats(path)
            outcomes.add("read")
        except LivescapeError as error:
            outcomes.add(error.code)
    assert outcomes - {"read"} <= {"ply_invalid", "spz_invalid", "splats_invalid", "splats_foreign"}
    assert len(outcomes) > 1


def test_a_sog_that_lies_unpacked_is_read(tmp_path):
    with zipfile.ZipFile(DATA / "transform.sog") as archive:
        archive.extractall(tmp_path)
    assert_same(upright(tmp_path / "meta.json"), exchanged(), LIMITS["transform.sog"])
    (tmp_path / "quats.webp").unlink()
    assert refusal(tmp_path / "meta.json") == "splats_invalid"


def repacked(path, **files):
    """Write the SOG with other files in it."""
    with zipfile.ZipFile(DATA / "transform.sog") as archive, zipfile.ZipFile(path, "w") as new:
        for name in archive.namelist():
            key = name.partition(".")[0]
            new.writestr(name, files.get(key, archive.read(name)))


def test_a_sog_with_pictures_far_too_large_is_refused_undecoded(tmp_path):
    """A header that says 16383 x 16383: a gigabyte."""
    with zipfile.ZipFile(DATA / "transform.sog") as archive:
        picture = bytearray(archive.read("quats.webp"))
        meta = json.loads(archive.read("meta.json"))
    assert webp_size(bytes(picture)) == (8 * 4, 8) or picture[12:16] == b"VP8L"
    picture[21:25] = (0x3FFF | 0x3FFF << 14).to_bytes(4, "little")
    repacked(tmp_path / "a.sog", quats=bytes(picture))
    with pytest.raises(LivescapeError, match="a picture has 16384 x 16384 pixels"):
        load_splats(tmp_path / "a.sog")
    for key, value in (("count", 10**9), ("count", -1), ("count", "x"), ("version", 3)):
        repacked(tmp_path / "a.sog", meta=json.dumps({**meta, key: value}))
        assert refusal(tmp_path / "a.sog") == "splats_invalid"
    for name in ("means", "quats", "scales", "sh0", "shN"):
        repacked(tmp_path / "a.sog", meta=json.dumps({**meta, name: {"files": ["../../x"]}}))
        assert refusal(tmp_path / "a.sog") == "splats_invalid"


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.ply", b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        ("a.spz", b"\xff\xd8\xff\xe0", "a JPEG picture"),
        ("a.ply", b"BLENDER-v405", "a Blender file"),
        ("a.ply", b"LASF\0\0", "a LAS point cloud"),
        ("a.ply", b"o Cube\nv 1 2 3\n", "a text file"),
        ("a.ply", b"", "an empty file"),
        ("a.xyz", b"1 2 3\n", "a text file"),
        ("a.glb", b"\0\0\0 ftypmp42", "a film"),
        ("a.lcc", b'{"version": 3}', "an LCC scene"),
        ("a.json", b'{"lodLevels": 3}', "a streamed SOG"),
        ("a.json", b'{"x": 3}', "a JSON file"),
        ("a.sog", b"<!DOCTYPE html>", "a web page"),
        ("a.ply", b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
        ("a.bin", b"\1\2\3\4", "no splat file that is known"),
    ],
)
def test_other_files_are_named_by_what_they_hold(tmp_path, name, content, what):
    path = tmp_path / name
    path.write_bytes(content)
    if name == "a.ply" and content in (b"", b"o Cube\nv 1 2 3\n"):
        assert refusal(path) == "ply_invalid"
        return
    with pytest.raises(LivescapeError, match=what) as caught:
        load_splats(path)
    assert caught.value.code == "splats_foreign"


def test_archives_of_other_things_are_named(tmp_path):
    for member, what in (("m/data.pkl", "PyTorch"), ("x.npy", "NumPy"), ("a.txt", "unpack it")):
        with zipfile.ZipFile(tmp_path / "a.ply", "w") as archive:
            archive.writestr(member, b"1")
        with pytest.raises(LivescapeError, match=what):
            load_splats(tmp_path / "a.ply")


def test_a_folder_and_a_missing_file_are_said(tmp_path):
    assert refusal(tmp_path) == "ply_invalid"
    for name, wanted in (("a.glb", "splats_invalid"), ("a.sog", "splats_invalid"),
                         ("a.usd", "splats_invalid"), ("a.ksplat", "splats_invalid"),
                         ("a.spz", "spz_invalid"), ("a.ply", "ply_invalid")):  # fmt: skip
        assert refusal(tmp_path / name) == wanted


def test_a_ply_is_still_told_by_its_content(tmp_path):
    splats = exchanged()
    write_ply(tmp_path / "a.spz", splats.gaussians, splats.harmonics)
    assert len(load_splats(tmp_path / "a.spz").splats) == 50
