"""Spherical harmonics of degree 4 (24 coefficients a channel): the first 15 are what is shown."""

import struct

import numpy as np
import pytest
from plyfile import PlyData, PlyElement
from pxr import Usd, Vt
from tests.shared.splat_samples import moderate

from livescape_shared.formats import spz
from livescape_shared.formats.export import export_frames
from livescape_shared.formats.gltf import write_gltf
from livescape_shared.formats.gltf_container import write_glb
from livescape_shared.formats.load import load_splats
from livescape_shared.formats.spz_streams import Header, read_streams, write_streams
from livescape_shared.ply import write_ply
from livescape_shared.splats import Splats

COUNT = 40
REST = np.random.default_rng(4).uniform(-0.9, 0.9, (COUNT, 24, 3)).astype(np.float32)
CLOUD = moderate(COUNT).gaussians


@pytest.mark.parametrize("stored", [15, 24, 35, 20])
@pytest.mark.parametrize("kind", ["<f4", "<f8"])
def test_ply_of_any_number_of_coefficients(tmp_path, stored, kind):
    """Written by a library, one channel after another: 45, 72, 105 and 60 attributes."""
    rest = np.resize(REST, (COUNT, stored, 3))
    write_ply(tmp_path / "plain.ply", CLOUD)
    plain = PlyData.read(tmp_path / "plain.ply")["vertex"].data
    names = [f"f_rest_{k}" for k in range(3 * stored)]
    rows = np.zeros(COUNT, [(name, kind) for name in (*plain.dtype.names, *names)])
    for name in plain.dtype.names:
        rows[name] = plain[name]
    for number, name in enumerate(names):
        rows[name] = rest[:, number % stored, number // stored]
    path = tmp_path / "given.ply"
    PlyData([PlyElement.describe(rows, "vertex")], byte_order="<").write(path)
    found = load_splats(path).splats
    assert found.degree == 3
    np.testing.assert_array_equal(found.harmonics, rest[:, :15])
    np.testing.assert_allclose(found.gaussians.colors, CLOUD.colors, atol=1e-6)


@pytest.mark.parametrize("version", [3, 4])
def test_spz(tmp_path, version):
    """One splat after another; in each, the three channels of one coefficient after another."""
    path = tmp_path / "three.spz"
    spz.write_spz(path, Splats(CLOUD, REST[:, :15]), version)
    header, sections = read_streams(path, path.read_bytes())
    sections = [*sections[:-1], np.rint(REST * 128.0 + 128.0).astype(np.uint8).reshape(COUNT, -1)]
    wider = Header(header.version, header.count, 4, header.bits)
    write_streams(tmp_path / "four.spz", wider, sections)
    found, three = load_splats(tmp_path / "four.spz").splats, load_splats(path).splats
    assert found.degree == 3
    np.testing.assert_allclose(found.harmonics, REST[:, :15], atol=0.5 / 128.0 + 1e-6)
    for name, values in vars(three.gaussians).items():
        np.testing.assert_array_equal(getattr(found.gaussians, name), values)


def test_usd(tmp_path):
    [path] = export_frames(tmp_path / "a.usda", [(1, Splats(CLOUD, REST[:, :15]))], 24.0)
    stage = Usd.Stage.Open(str(path))
    prim = stage.GetPrimAtPath("/Livescape/Splats")
    name = "radiance:sphericalHarmonicsCoefficients"
    kept = np.array(prim.GetAttribute(name).Get()).reshape(COUNT, 16, 3)
    wide = np.concatenate([kept, REST[:, 15:]], axis=1).reshape(-1, 3)
    prim.GetAttribute(name).Set(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(wide)))
    prim.GetAttribute("radiance:sphericalHarmonicsDegree").Set(4)
    stage.GetRootLayer().Save()
    found = load_splats(path).splats
    assert found.degree == 3
    np.testing.assert_allclose(found.harmonics, REST[:, :15], atol=1e-6)
    np.testing.assert_allclose(found.gaussians.colors, CLOUD.colors, atol=1e-6)


def test_gltf(tmp_path):
    prefix = "KHR_gaussian_splatting:"
    write_gltf(tmp_path / "three.glb", Splats(CLOUD, REST[:, :15]))
    whole = (tmp_path / "three.glb").read_bytes()
    (length,) = struct.unpack_from("<I", whole, 12)
    assert b"SH_DEGREE_3_COEF_6" in whole[20 : 20 + length]
    arrays = {
        "POSITION": CLOUD.means,
        f"{prefix}ROTATION": np.roll(CLOUD.quats, -1, axis=1),
        f"{prefix}SCALE": CLOUD.scales,
        f"{prefix}OPACITY": CLOUD.opacities[:, None],
        f"{prefix}SH_DEGREE_0_COEF_0": (CLOUD.colors - 0.5) / np.float32(0.28209479),
    }
    bands = [(band, k) for band in range(1, 5) for k in range(2 * band + 1)]
    for number, (band, k) in enumerate(bands):
        arrays[f"{prefix}SH_DEGREE_{band}_COEF_{k}"] = np.ascontiguousarray(REST[:, number])
    extension = {"kernel": "ellipse", "colorSpace": "srgb_rec709_display"}
    primitive = {"extensions": {"KHR_gaussian_splatting": extension}}
    document = {
        "asset": {"version": "2.0"}, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [primitive]}],
    }  # fmt: skip
    write_glb(tmp_path / "four.glb", document, list(arrays.items()))
    for name in ("three.glb", "four.glb"):
        found = load_splats(tmp_path / name).splats
        assert found.degree == 3
        np.testing.assert_allclose(found.harmonics, REST[:, :15], atol=1e-6)
