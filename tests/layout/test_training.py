"""The training data's bookkeeping and the training script's parts."""

import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from scripts.layout_data.collect_photos import read_rcc
from scripts.train_layout import UNLABELLED, Cells, augment, fit, predict, rasterise

from livescape.layout.features import FEATURE_COUNT
from livescape.layout.head import POSITION_COUNT
from livescape.layout.types import CLASS_NAMES

DATA = Path(__file__).resolve().parents[2] / "scripts" / "layout_data"
FREE = {
    "Public domain",
    "CC0-1.0",
    "CC-BY-2.0",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "GPL-2+",
}


def load(name):
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def test_every_training_photograph_has_an_origin_and_a_free_licence():
    photos = load("photos.json")
    assert set(photos) == set(load("polygons.json"))
    for entry in photos.values():
        assert entry["licence"] in FREE
        assert entry["author"]
        assert entry["package"]
        assert entry["file"]


def test_polygons_lie_inside_their_photographs():
    for shapes in load("polygons.json").values():
        for shape in shapes:
            assert shape["label"] in CLASS_NAMES
            points = np.array(shape["points"])
            assert len(points) >= 3
            assert points.min() >= 0
            assert points.max() <= 100


def test_later_polygons_lie_over_earlier_ones():
    square = [[0, 0], [100, 0], [100, 100], [0, 100]]
    corner = [[0, 0], [50, 0], [50, 50], [0, 50]]
    shapes = [{"label": "sky", "points": square}, {"label": "relief", "points": corner}]
    mask = rasterise(shapes, 20, 40)
    assert mask[3, 5] == CLASS_NAMES.index("relief")
    assert mask[15, 35] == CLASS_NAMES.index("sky")
    assert (rasterise([], 4, 4) == UNLABELLED).all()


def test_augmentation_keeps_image_and_mask_together():
    rng = np.random.default_rng(0)
    mask = (np.arange(60)[:, None] // 20 + np.zeros((60, 80))).astype(np.uint8)
    image = np.repeat((mask[..., None] + 1) / 4.0, 3, axis=2).astype(np.float32)
    for _ in range(20):
        view, labels = augment(image, mask, rng)
        assert view.shape[:2] == labels.shape
        for label in np.unique(labels):
            assert np.ptp(view[labels == label], axis=0).max() < 1e-6


def test_training_separates_what_can_be_separated(monkeypatch):
    monkeypatch.setattr("scripts.train_layout.STEPS", 60)
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, 400)
    inputs = rng.normal(size=(400, FEATURE_COUNT + POSITION_COUNT)).astype(np.float32)
    for label in range(5):
        inputs[labels == label, 40 * label : 40 * label + 40] += 2.0
    cells = Cells(inputs, labels, np.zeros(400, np.int64), np.ones(400, bool))
    head = fit(cells, np.arange(400) < 300)
    assert (predict(head, inputs[300:]) == labels[300:]).mean() > 0.9


def qt_resource(files):
    """Write a version 1 Qt resource file with one folder, after the format's own order."""
    names, blocks = b"", b""
    offsets = []
    for name, content, compressed in [("box", None, False), *files]:
        name_at = len(names)
        names += struct.pack(">HI", len(name), 0) + name.encode("utf-16-be")
        block_at = len(blocks)
        if content is not None:
            stored = struct.pack(">I", len(content)) + zlib.compress(content)
            stored = stored if compressed else content
            blocks += struct.pack(">I", len(stored)) + stored
        offsets.append((name_at, block_at, compressed))
    tree = struct.pack(">IHII", 0, 2, 1, 1) + struct.pack(">IHII", offsets[0][0], 2, len(files), 2)
    for name_at, block_at, compressed in offsets[1:]:
        tree += struct.pack(">IHHHI", name_at, int(compressed), 0, 0, block_at)
    start = 20
    header = (1, start, start + len(tree), start + len(tree) + len(blocks))
    return b"qres" + struct.pack(">4I", *header) + tree + blocks + names


def test_qt_resource_files_are_read():
    data = qt_resource([("a.webp", b"plain", False), ("é.txt", b"packed " * 50, True)])
    assert dict(read_rcc(data)) == {"/box/a.webp": b"plain", "/box/é.txt": b"packed " * 50}
    with pytest.raises(ValueError, match="not a Qt resource"):
        dict(read_rcc(b"PK\x03\x04"))
