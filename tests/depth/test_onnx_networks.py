"""The ONNX families: tiny graphs that read geometry off a photo's colours, through onnxruntime."""

import sys

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from tests.contexts import here
from tests.depth.landscape import HORIZON, SIZE, K, labels, layout, photo, truth
from tests.depth.tiny_onnx import depth_and_sky, points_and_mask

from livescape.context.environment import MODELS as VARIABLE
from livescape.depth.depth_estimators import DepthInputs, estimate_depth
from livescape.depth.networks import depth_anything_3, moge_2
from livescape.depth.networks.depth_anything_3 import network_focal
from livescape.depth.networks.moge_2 import depth_shift, pixel_rays, token_size
from livescape.layout.types import SKY
from livescape_shared.errors import LivescapeError

pytestmark = pytest.mark.usefixtures("own_networks")

REACH = 40.0
SOLID = labels() != SKY


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


def ramp():
    """A photo whose red falls from far (top) to near and whose blue says where the sky is."""
    rows = (np.arange(SIZE[0]) + 0.5) / SIZE[0]
    image = np.zeros((*SIZE, 3), np.float32)
    image[..., 0] = np.clip(1.0 - rows, 0.05, 1.0)[:, None]
    image[..., 2] = (np.arange(SIZE[0]) < HORIZON)[:, None]
    return image


def _estimate(image, name, scene=None):
    return estimate_depth(here(), DepthInputs(image, K, scene or layout()), name)


def refused(name, image=None):
    with pytest.raises(LivescapeError) as caught:
        _estimate(photo() if image is None else image, name)
    return caught.value


@pytest.mark.parametrize("size", [(56, 84), (98, 98), None])
def test_depth_anything_3_is_metres_by_its_focal_length_and_knows_the_sky(folder, size):
    depth_and_sky(folder / "depth_anything_3" / "model.onnx", size, scale=REACH)
    raw = depth_anything_3.predict(here(), ramp(), K)
    shape = size or (378, 504)
    assert raw.values.shape == shape
    focal = network_focal(K, SIZE, shape)
    assert focal == pytest.approx(140.0 * np.sqrt(shape[0] / 120 * shape[1] / 160))
    rows = (np.arange(shape[0]) + 0.5) / shape[0]
    wanted = REACH * np.clip(1.0 - rows, 0.05, 1.0) * focal / 300.0
    inside = slice(shape[0] // 10, -shape[0] // 10)
    np.testing.assert_allclose(raw.values[inside], np.tile(wanted[inside, None], shape[1]), 0.03)
    estimate = _estimate(ramp(), "depth_anything_3")
    assert (estimate.sky == (np.arange(SIZE[0]) < HORIZON)[:, None]).mean() > 0.97
    assert estimate.depth[estimate.sky].min() >= 2.0 * estimate.depth[~estimate.sky].max()


def moge_photo(shift):
    """Photo and colour code of the landscape's points, less ``shift`` along z; the sky is red."""
    depth = np.where(SOLID, truth(), 0.0)
    rays = pixel_rays(K, SIZE, SIZE)
    points = np.dstack([rays * depth[..., None], depth - shift])
    low, high = points[SOLID].min(axis=0), points[SOLID].max(axis=0)
    # Red stays well below what means "no depth", so that blending at edges does not reach it.
    span = (high - low) / 0.5
    image = np.where(SOLID[..., None], (points - low) / span, [1.0, 0.0, 0.0])
    return image.astype(np.float32), low, span


@pytest.mark.parametrize(("shift", "scale"), [(0.0, 1.0), (1.5, 2.0), (-3.0, 0.25)])
def test_moge_finds_shift_scale_and_sky(folder, shift, scale):
    image, low, span = moge_photo(shift)
    points_and_mask(folder / "moge_2" / "model.onnx", low, span, scale)
    raw = moge_2.predict(here(), image, K)
    assert raw.values.shape == token_size(SIZE)
    estimate = _estimate(image, "moge_2")
    solid = SOLID & ~estimate.sky
    assert solid.sum() > 0.97 * SOLID.sum()
    error = np.abs(estimate.depth[solid] / (scale * truth()[solid]) - 1.0)
    assert np.quantile(error, 0.9) < 0.02
    assert (estimate.sky == ~SOLID).mean() > 0.97
    assert estimate.depth[estimate.sky].min() >= 2.0 * estimate.depth[~estimate.sky].max()


@pytest.mark.parametrize("seed", range(5))
def test_the_shift_is_the_best_of_all(seed):
    rng = np.random.default_rng(seed)
    depth = rng.uniform(2.0, 60.0, 300)
    rays = rng.uniform(-0.6, 0.6, (300, 2))
    points = np.column_stack([rays * depth[:, None], depth - 1.3])
    points += rng.normal(0.0, 0.02, points.shape)

    def loss(shift):
        return np.abs(points[:, :2] / (points[:, 2:] + shift) - rays).sum()

    lowest = -points[:, 2].min()
    exact = minimize_scalar(loss, bounds=(lowest + 0.05, lowest + 50.0), method="bounded")
    assert loss(depth_shift(points, rays)) <= exact.fun * 1.002
    clean = np.column_stack([rays * depth[:, None], depth - 1.3])
    assert depth_shift(clean, rays) == pytest.approx(1.3, abs=1e-6)
    clean[:60] = rng.uniform([-30.0, -30.0, 1.0], [30.0, 30.0, 60.0], (60, 3))
    assert depth_shift(clean, rays) == pytest.approx(1.3, abs=0.02)


def test_a_photo_without_depth_is_sky(folder):
    points_and_mask(folder / "moge_2" / "model.onnx", [0, 0, 1], [1, 1, 1], 1.0)
    image = np.zeros((*SIZE, 3), np.float32)
    image[..., 0] = 1.0
    estimate = _estimate(image, "moge_2", layout(np.full(SIZE, SKY)))
    assert estimate.sky.all()
    assert refused("moge_2", image).code == "depth_failed"


@pytest.mark.parametrize("scale", [0.0, -1.0, np.nan])
def test_an_impossible_scale_is_named(folder, scale):
    points_and_mask(folder / "moge_2" / "model.onnx", [0, 0, 1], [1, 1, 1], scale)
    assert refused("moge_2").code == "model_unreadable"


@pytest.mark.parametrize("contents", [b"", b"no graph", b"\x08\x08" * 500])
def test_damaged_files_are_one_sentence(folder, contents):
    path = folder / "moge_2" / "model.onnx"
    path.parent.mkdir()
    path.write_bytes(contents)
    error = refused("moge_2")
    assert error.code == "model_unreadable"
    assert "\n" not in error.message


def test_a_graph_of_another_network_names_what_it_lacks(folder):
    depth_and_sky(folder / "depth_anything_3" / "model.onnx", outputs=("depth", "clouds"))
    error = refused("depth_anything_3")
    assert (error.code, "named sky" in error.message) == ("model_unreadable", True)
    depth_and_sky(folder / "moge_2" / "model.onnx")
    assert "named num_tokens" in refused("moge_2").message


def test_a_missing_runtime_is_named(folder, monkeypatch):
    depth_and_sky(folder / "depth_anything_3" / "model.onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert refused("depth_anything_3").code == "package_missing"
