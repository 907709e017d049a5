"""How surely the picture of water drifts with it."""

import numpy as np
import pytest
from tests.data.files import load_photo
from tests.layout.photos import layout_of

from livescape.layout.scene_layout import UNSURE, certainty
from livescape.layout.types import GROUND, WATER, SceneLayout

SIZE = (60, 90)


@pytest.mark.parametrize(
    ("probability", "wanted"), [(UNSURE[0], 0.0), (sum(UNSURE) / 2, 0.5), (UNSURE[1], 1.0)]
)
def test_what_the_classifier_doubted_counts_less(probability, wanted):
    water = np.full(SIZE, probability, np.float32)
    np.testing.assert_allclose(certainty(water), wanted, atol=1e-5)


def test_what_drifts_as_good_as_not_at_all_is_no_drifting_water():
    classes = np.full((5, *SIZE), 0.01, np.float32)
    classes[WATER] = 0.96
    flows = np.linspace(0.0, 1.0, SIZE[1], dtype=np.float32)[None].repeat(SIZE[0], axis=0)
    none = np.zeros(SIZE, np.float32)
    layout = SceneLayout(classes, 10.0, none, flows, none)
    assert not layout.drifting_water[:, :9].any()
    np.testing.assert_allclose(layout.drifting_water[:, 10:], layout.water[:, 10:])


def test_the_mirror_image_of_a_temple_stands_and_its_lake_is_still_water():
    layout = layout_of("golden_temple")
    height, width = layout.size
    below = np.s_[round(0.78 * height) : round(0.9 * height), round(0.3 * width) : width // 2]
    assert layout.flows[below].mean() < 0.3
    assert (layout.labels[below] == WATER).mean() > 0.9


def test_a_river_with_waves_drifts():
    layout = layout_of("chenonceau_river")
    assert layout.flows[layout.labels == WATER].mean() > 0.4
    assert layout.size == load_photo("chenonceau_river").shape[:2]
    assert layout.flows[layout.labels == GROUND].mean() < 0.3
