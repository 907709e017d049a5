"""glTF files of splats: where they stand, what their numbers mean, and damaged ones."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.shared.splat_checks import refusal
from tests.shared.splat_samples import exchanged

from livescape_shared.conventions import linear_to_srgb
from livescape_shared.errors import LivescapeError
from livescape_shared.formats.gltf_container import write_glb
from livescape_shared.formats.load import load_splats

WHOLE = Path(__file__).parents[1] / "data" / "splats" / "transform.glb"


def glb(path, change=None, **attributes):
    """Write a .glb of one's own: bytes of quantised rotations, a node with a place."""
    splats = exchanged()
    gaussians, prefix = splats.gaussians, "KHR_gaussian_splatting:"
    arrays = {
        "POSITION": gaussians.means,
        f"{prefix}ROTATION": np.roll(gaussians.quats, -1, axis=1),
        f"{prefix}SCALE": gaussians.scales,
        f"{prefix}OPACITY": np.rint(gaussians.opacities * 255).astype(np.uint8)[:, None],
        f"{prefix}SH_DEGREE_0_COEF_0": (gaussians.colors - 0.5) / np.float32(0.28209479),
        **{prefix + name: array for name, array in attributes.items()},
    }
    extension = {"kernel": "ellipse", "colorSpace": "srgb_rec709_display"}
    document = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [1]}],
        "nodes": [{"mesh": 0, "scale": [2, 2, 2]}, {"children": [0], "translation": [1, 2, 3]}],
        "meshes": [{"primitives": [{"extensions": {"KHR_gaussian_splatting": extension}}]}],
    }
    if change:
        change(document, extension)
    write_glb(path, document, list(arrays.items()))
    return gaussians


def test_a_gltf_is_placed_by_its_nodes(tmp_path):
    wanted = glb(tmp_path / "a.glb")
    found = load_splats(tmp_path / "a.glb")
    np.testing.assert_allclose(found.splats.gaussians.means, 2 * wanted.means + [1, 2, 3], 1e-5)
    np.testing.assert_allclose(found.splats.gaussians.scales, 2 * wanted.scales, 1e-5)
    np.testing.assert_allclose(found.splats.gaussians.opacities, wanted.opacities, atol=0.0021)
    assert (found.axes, found.blends_linearly) == ("y_up", False)


def test_a_gltf_of_a_draft_stores_logarithms(tmp_path):
    wanted = glb(tmp_path / "a.glb", SCALE=np.log(exchanged().gaussians.scales))
    found = load_splats(tmp_path / "a.glb").splats.gaussians
    np.testing.assert_allclose(found.scales, 2 * wanted.scales, rtol=1e-5)


def test_a_gltf_in_linear_light_is_shown_in_srgb(tmp_path):
    def linear(_, extension):
        extension["colorSpace"] = "lin_rec709_display"

    wanted = glb(tmp_path / "a.glb", linear)
    found = load_splats(tmp_path / "a.glb")
    assert found.blends_linearly
    np.testing.assert_allclose(
        found.splats.gaussians.colors, linear_to_srgb(wanted.colors), atol=1e-5
    )


def test_a_gltf_with_a_buffer_beside_it(tmp_path):
    whole = WHOLE.read_bytes()
    length = int.from_bytes(whole[12:16], "little")
    document = json.loads(whole[20 : 20 + length])
    (tmp_path / "a b.bin").write_bytes(whole[28 + length :])
    path = tmp_path / "a.gltf"
    for uri, works in (("a%20b.bin", True), ("../secret", False), ("https://x/y", False)):
        document["buffers"][0]["uri"] = uri
        path.write_text(json.dumps(document))
        if works:
            assert len(load_splats(path).splats) == 50
        else:
            assert refusal(path) == "splats_invalid"


def test_a_gltf_without_gaussians_says_so(tmp_path):
    def plain(document, _):
        document["meshes"][0]["primitives"][0]["extensions"] = {}

    glb(tmp_path / "a.glb", plain)
    with pytest.raises(LivescapeError, match="no Gaussians"):
        load_splats(tmp_path / "a.glb")


@pytest.mark.parametrize(
    "change",
    [
        lambda document, _: document["nodes"][1].update(children=[1]),
        lambda document, _: document["nodes"][1].update(children=[7]),
        lambda document, _: document["nodes"][1].update(rotation="x"),
        lambda document, _: document.update(nodes={}),
        lambda _, extension: extension.update(extensions={"EXT_new": {}}),
        lambda _, extension: extension.update(
            extensions={"KHR_gaussian_splatting_compression_spz": {"bufferView": 0}}
        ),
    ],
)
def test_damaged_gltf_documents_are_refused(tmp_path, change):
    glb(tmp_path / "a.glb", change)
    assert refusal(tmp_path / "a.glb") in ("splats_invalid", "spz_invalid")
