"""LaMa's way through ONNX Runtime, on tiny graphs in the place of its weights."""

import sys

import numpy as np
import pytest
from tests.contexts import here
from tests.points.support import texture

from livescape.inpainting.fill import inpaint, inpainting_identity
from livescape_shared.errors import LivescapeError

pytestmark = pytest.mark.usefixtures("own_networks")

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

SIDE = 64
HEIGHT, WIDTH = 50, 60


def graph(nodes, side=SIDE, output=None):
    """A network with LaMa's inputs and output, fixed or with free sizes."""
    h, w = (side, side) if side else ("height", "width")
    info = onnx.helper.make_tensor_value_info
    kind = onnx.TensorProto.FLOAT
    constants = {"full": [255.0], "one": [1.0]}
    initial = [
        *(onnx.numpy_helper.from_array(np.array(v, np.float32), k) for k, v in constants.items()),
        onnx.numpy_helper.from_array(np.array([2, 3], np.int64), "space"),
    ]
    made = onnx.helper.make_graph(
        [onnx.helper.make_node(kind, inputs, [out]) for kind, inputs, out in nodes],
        "tiny",
        [info("image", kind, ["batch", 3, h, w]), info("mask", kind, ["batch", 1, h, w])],
        [info("output", kind, output or ["batch", 3, h, w])],
        initial,
    )
    return onnx.helper.make_model(
        made, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=10
    )


SEES = [("Mul", ["image", "full"], "output")]
"""Returns the image it was given."""

MASK = [
    ("Mul", ["image", "mask"], "inside"),
    ("Sub", ["inside", "image"], "minus"),
    ("Add", ["minus", "image"], "within"),
    ("Sub", ["within", "inside"], "nothing"),
    ("Add", ["nothing", "mask"], "white"),
    ("Mul", ["white", "full"], "output"),
]
"""Returns the mask as an image."""

MEAN = [
    ("Sub", ["one", "mask"], "known"),
    ("Mul", ["image", "known"], "seen"),
    ("ReduceSum", ["seen", "space"], "total"),
    ("ReduceSum", ["known", "space"], "count"),
    ("Div", ["total", "count"], "mean"),
    ("Mul", ["mean", "mask"], "painted"),
    ("Add", ["painted", "seen"], "both"),
    ("Mul", ["both", "full"], "output"),
]
"""Paints the mean of the pixels it may look at, like LaMa in 0..255."""


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVESCAPE_MODELS", str(tmp_path))
    (tmp_path / "lama").mkdir()
    return lambda model: onnx.save(model, tmp_path / "lama" / "lama_fp32.onnx")


def scene(height=HEIGHT, width=WIDTH):
    """Blue texture behind, a red object before it, and a hole at its edge."""
    image = texture(height, width) * np.array([0.0, 0.5, 1.0], np.float32)
    red, holes = np.zeros((2, height, width), bool)
    red[:, :20] = True
    image[red] = [1.0, 0.0, 0.0]
    holes[10:40, 14:30] = True
    return image, holes, ~red & ~holes


@pytest.mark.parametrize("side", [SIDE, 0], ids=["fixed", "free"])
@pytest.mark.parametrize("size", [(HEIGHT, WIDTH), (100, 150)])
def test_holes_are_painted_from_the_background_alone(store, side, size):
    store(graph(MEAN, side))
    image, holes, sources = scene(*size)
    filled = inpaint(here(), image, holes, sources, method="lama")
    np.testing.assert_array_equal(filled[~holes], image[~holes])
    assert filled[holes][:, 0].max() < 0.01
    if side == 0 or max(size) <= side:
        expected = image[sources].mean(axis=0)
        np.testing.assert_allclose(filled[holes].mean(axis=0), expected, atol=0.05)
    else:
        assert np.abs(filled[holes].mean(axis=0) - image[sources].mean(axis=0)).max() < 0.15


def test_the_network_is_not_even_shown_the_object(store):
    store(graph(SEES))
    image, holes, sources = scene()
    shown = inpaint(here(), image, holes, sources, method="lama")
    assert shown[holes][:, 0].max() < 0.01
    assert shown[holes][:, 2].min() > 0.05


def test_one_in_the_mask_means_fill(store):
    store(graph(MASK))
    image, holes, sources = scene()
    filled = inpaint(here(), image, holes, sources, method="lama")
    np.testing.assert_allclose(filled[holes], 1.0, atol=1e-6)
    np.testing.assert_array_equal(filled[~holes], image[~holes])


def test_without_holes_no_model_is_needed(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVESCAPE_MODELS", str(tmp_path))
    image, holes, _ = scene()
    assert inpaint(here(), image, np.zeros_like(holes), method="lama") is image


def refused():
    image, holes, sources = scene()
    with pytest.raises(LivescapeError) as caught:
        inpaint(here(), image, holes, sources, method="lama")
    return caught.value


def test_a_model_that_is_not_there_is_named_with_licence_and_size(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVESCAPE_MODELS", str(tmp_path))
    error = refused()
    assert error.code == "model_missing"
    assert "Apache-2.0" in error.message
    assert "208 MB" in error.message


def test_a_damaged_file_and_a_foreign_network_are_said_in_words(store, tmp_path):
    (tmp_path / "lama" / "lama_fp32.onnx").write_bytes(b"no network")
    assert refused().code == "model_unreadable"
    store(graph([("ReduceSum", ["image", "space"], "output")], output=["batch", 3, 1, 1]))
    assert refused().code == "model_unreadable"
    store(graph([("Log", ["mask"], "output")], output=["batch", 1, SIDE, SIDE]))
    assert refused().code == "model_unreadable"


def test_without_onnx_runtime_its_package_is_named(store, monkeypatch):
    store(graph(MEAN))
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    error = refused()
    assert error.code == "package_missing"
    assert "onnxruntime" in error.message


def test_another_file_is_another_identity_and_an_unknown_way_is_refused(store):
    store(graph(MEAN))
    first = inpainting_identity(here(), "lama")
    store(graph(SEES))
    assert inpainting_identity(here(), "lama") != first
    assert inpainting_identity(here(), "patchmatch") == "texture"
    with pytest.raises(ValueError, match="not 'magic'"):
        inpaint(here(), *scene(), method="magic")
