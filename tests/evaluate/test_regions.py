"""Which pixels are at the edge of something in front."""

import numpy as np
import pytest

from livescape.cameras.projection import unproject_image
from livescape.evaluate.regions import EDGE_BAND, edge_band
from livescape.evaluate.truth import OBSTACLE, SKY, STANDS, WATER, TruthView
from livescape_shared.camera import Camera

HEIGHT, WIDTH, LINE = 40, 60, 30


def view(depth, label):
    K = np.array([[60.0, 0.0, WIDTH / 2], [0.0, 60.0, HEIGHT / 2], [0.0, 0.0, 1.0]])
    camera = Camera(WIDTH, HEIGHT, K, np.eye(4))
    positions = unproject_image(np.broadcast_to(depth, (HEIGHT, WIDTH)).astype(np.float32), camera)
    nothing = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    labels = np.broadcast_to(label, (HEIGHT, WIDTH)).astype(np.uint8)
    return TruthView(0, camera, nothing, positions, nothing, nothing[..., :2], labels)


LEFT = np.arange(WIDTH) < LINE


@pytest.mark.parametrize(
    ("depth", "label"),
    [
        (np.where(LEFT, 5.0, 10.0), STANDS),
        (np.full(WIDTH, 10.0), np.where(LEFT, OBSTACLE, WATER)),
        (np.where(LEFT, 10.0, 1000.0), np.where(LEFT, STANDS, SKY)),
    ],
    ids=["depth", "outline", "skyline"],
)
def test_a_band_on_both_sides_of_an_edge_is_at_it(depth, label):
    band = edge_band(view(depth, label))
    columns = np.flatnonzero(band.all(axis=0))
    assert (band.any(axis=0) == band.all(axis=0)).all()
    assert columns.tolist() == list(range(LINE - EDGE_BAND, LINE + EDGE_BAND))


def test_ground_that_recedes_has_no_edges():
    row = np.arange(HEIGHT)[:, None] + 1.0
    assert not edge_band(view(200.0 / row, STANDS)).any()
