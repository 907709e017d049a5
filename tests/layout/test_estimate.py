"""The layout of real photographs against masks drawn by hand."""

import numpy as np
import pytest
from tests.data.files import load_photo
from tests.layout.photos import MASKS, hand_mask, layout_of

from livescape.layout import features
from livescape.layout.head import LayoutHead, head_inputs, load_head
from livescape.layout.scene_layout import estimate_layout
from livescape.layout.types import CLASS_NAMES, SceneLayout
from livescape_shared.errors import LivescapeError

# The first two were never seen in training; a polygon drawn by hand is itself no better than 0.97
# or so.
LOWEST_IOU = {
    ("colosseum", "sky"): 0.95,
    ("great_pyramid", "sky"): 0.95,
    ("eilean_donan", "sky"): 0.95,
    ("eilean_donan", "water"): 0.92,
    ("chenonceau_river", "sky"): 0.94,
    ("chenonceau_river", "water"): 0.83,
    ("picos_clouds", "sky"): 0.94,
    ("golden_temple", "water"): 0.94,
    ("mont_st_michel", "sky"): 0.95,
}


def test_every_hand_drawn_mask_has_a_limit():
    drawn = {(name, label) for name, labels in MASKS.items() for label in labels}
    assert drawn == set(LOWEST_IOU)


@pytest.mark.parametrize(("name", "label"), LOWEST_IOU)
def test_sky_and_water_match_masks_drawn_by_hand(name, label):
    wanted = hand_mask(name, label)
    found = layout_of(name).labels == CLASS_NAMES.index(label)
    iou = (wanted & found).sum() / (wanted | found).sum()
    assert iou >= LOWEST_IOU[name, label]


@pytest.mark.parametrize("name", ["eilean_donan", "colosseum"])
def test_probabilities_are_probabilities(name):
    layout = layout_of(name)
    assert layout.probabilities.dtype == np.float32
    assert layout.size == load_photo(name).shape[:2]
    assert layout.probabilities.min() >= 0.0
    np.testing.assert_allclose(layout.probabilities.sum(axis=0), 1.0, atol=1e-5)


def test_the_sea_horizon_is_found():
    # Left of the island the sea meets the sky at 58.7 % of the height.
    layout = layout_of("mont_st_michel")
    assert layout.horizon_row / layout.size[0] == pytest.approx(0.587, abs=0.03)


def test_a_photograph_without_sky_has_none():
    assert layout_of("creek_cascade").sky.max() < 0.9
    assert (layout_of("creek_cascade").labels == CLASS_NAMES.index("sky")).mean() < 0.01


def test_a_larger_photograph_gives_the_same_layout():
    image = load_photo("eilean_donan")
    larger = np.repeat(np.repeat(image, 2, axis=0), 2, axis=1)
    layout = estimate_layout(larger)
    assert layout.size == larger.shape[:2]
    agree = layout.labels[::2, ::2] == layout_of("eilean_donan").labels
    assert agree.mean() > 0.97


def test_wrong_shapes_are_named():
    with pytest.raises(ValueError, match=r"\(4, 5\)"):
        estimate_layout(np.zeros((4, 5), np.float32))
    with pytest.raises(ValueError, match=r"\(3, 4, 5\)"):
        SceneLayout(np.zeros((3, 4, 5), np.float32), 2.0, *np.zeros((3, 4, 5), np.float32))
    with pytest.raises(ValueError, match=r"\(5, 4\)"):
        SceneLayout(np.zeros((5, 4, 5), np.float32), 2.0, *np.zeros((3, 5, 4), np.float32))


@pytest.mark.parametrize("size", [(16, 16), (40, 500), (300, 20)])
@pytest.mark.parametrize("grey", [0.0, 1.0])
def test_blank_photographs_of_any_aspect_have_a_layout(size, grey):
    layout = estimate_layout(np.full((*size, 3), grey, np.float32))
    assert layout.size == size
    assert np.isfinite(layout.probabilities).all()
    assert np.isfinite(layout.horizon_row)


def test_a_photograph_of_a_few_pixels_is_refused():
    with pytest.raises(LivescapeError) as caught:
        estimate_layout(np.zeros((9, 400, 3), np.float32))
    assert caught.value.code == "photo_too_small"


def test_the_head_computes_its_formula():
    head = load_head()
    cells = np.random.default_rng(0).normal(size=(features.FEATURE_COUNT, 3, 4))
    logs = head.log_probabilities(cells.astype(np.float32))
    plain = np.empty((len(CLASS_NAMES), 12))
    for number, column in enumerate(head_inputs(cells.astype(np.float32)).T):
        hidden = head.hidden_weight @ ((column - head.mean) * head.scale) + head.hidden_bias
        exponentials = np.exp(head.out_weight @ np.maximum(hidden, 0.0) + head.out_bias)
        plain[:, number] = np.log(exponentials / exponentials.sum())
    np.testing.assert_allclose(logs.reshape(len(CLASS_NAMES), -1), plain, rtol=1e-3, atol=1e-3)


def test_a_saved_head_is_the_same_head(tmp_path):
    head = load_head()
    head.save(tmp_path / "head.npz")
    with np.load(tmp_path / "head.npz", allow_pickle=False) as arrays:
        again = LayoutHead(**{name: arrays[name].astype(np.float32) for name in arrays.files})
    np.testing.assert_array_equal(again.hidden_weight, head.hidden_weight)
    np.testing.assert_array_equal(again.out_bias, head.out_bias)


def test_a_missing_backbone_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "efficientnet_lite_pytorch", None)
    with pytest.raises(LivescapeError, match="not installed") as caught:
        features.load_backbone.__wrapped__()
    assert caught.value.code == "layout_backbone_missing"
    assert "livescape[backend]" in caught.value.hint


def test_the_backbone_sees_multiples_of_its_stride():
    assert features.backbone_size(682, 1024) == (352, 512)
    assert features.backbone_size(1000, 20) == (512, 32)
