"""Train the layout head on hand-placed polygons and report its cross-validated accuracy.

The polygons and the origins of the photographs are in ``scripts/layout_data``; the photographs
themselves are not part of the repository (``layout_data/collect_photos.py`` gathers them).

    python scripts/train_layout.py PHOTOS_DIR [--folds 5] [--out backend/livescape/layout]

Prints one JSON object: accuracy by class inside the polygons of photographs held out in turn.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from livescape.imaging.png import read_png
from livescape.layout.features import FEATURE_COUNT, backbone_features
from livescape.layout.head import HEAD_FILE, POSITION_COUNT, LayoutHead, head_inputs
from livescape.layout.types import CLASS_NAMES

LOGGER = logging.getLogger("train_layout")

DATA: Final = Path(__file__).parent / "layout_data"
HIDDEN: Final = 64
STEPS: Final = 1500
BATCH: Final = 512
CELLS_PER_VIEW: Final = 120
AUGMENTED_VIEWS: Final = 5
UNLABELLED: Final = 255


@dataclass(frozen=True)
class Cells:
    """Labelled grid cells: ``inputs`` [N, F], ``labels`` [N], ``photos`` [N], ``original`` [N]."""

    inputs: NDArray[np.float32]
    labels: NDArray[np.int64]
    photos: NDArray[np.int64]
    original: NDArray[np.bool_]


def rasterise(shapes: Sequence[dict[str, Any]], height: int, width: int) -> NDArray[np.uint8]:
    """Draw polygons in percent of the photograph: [H, W] class index or :data:`UNLABELLED`."""
    mask = np.full((height, width), UNLABELLED, np.uint8)
    for shape in shapes:
        points = np.array(shape["points"], np.float64) * [width / 100.0, height / 100.0]
        cv2.fillPoly(mask, [points.astype(np.int32)], CLASS_NAMES.index(shape["label"]))
    return mask


def augment(
    image: NDArray[np.float32], mask: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Crop, mirror and regrade a photograph and its mask."""
    height, width = mask.shape
    scale = rng.uniform(0.55, 1.0)
    crop_h = int(height * min(1.0, scale * rng.uniform(0.85, 1.15)))
    crop_w = int(width * min(1.0, scale * rng.uniform(0.85, 1.15)))
    top, left = rng.integers(height - crop_h + 1), rng.integers(width - crop_w + 1)
    image = image[top : top + crop_h, left : left + crop_w]
    mask = mask[top : top + crop_h, left : left + crop_w]
    if rng.random() < 0.5:
        image, mask = image[:, ::-1], mask[:, ::-1]
    graded = image ** rng.uniform(0.7, 1.4) * rng.uniform(0.8, 1.2) * rng.uniform(0.9, 1.1, 3)
    if rng.random() < 0.15:
        graded = np.repeat(graded.mean(axis=2, keepdims=True), 3, axis=2)
    return np.clip(graded, 0.0, 1.0).astype(np.float32), np.ascontiguousarray(mask)


def view_cells(
    image: NDArray[np.float32], mask: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the inputs [n, F] and labels [n] of a random choice of one view's labelled cells."""
    features = backbone_features(np.ascontiguousarray(image))
    grid = cv2.resize(mask, features.shape[:0:-1], interpolation=cv2.INTER_NEAREST).ravel()
    chosen = []
    for label in range(len(CLASS_NAMES)):
        cells = np.flatnonzero(grid == label)
        chosen.append(rng.permutation(cells)[:CELLS_PER_VIEW])
    index = np.concatenate(chosen)
    return head_inputs(features)[:, index].T, grid[index].astype(np.int64)


def load_cells(photo_dir: Path, seed: int = 0) -> tuple[Cells, list[str]]:
    """Return the cells of every annotated photograph and the photographs' names."""
    polygons = json.loads((DATA / "polygons.json").read_text(encoding="utf-8"))
    rng = np.random.default_rng(seed)
    parts: list[tuple[NDArray[np.float32], NDArray[np.int64], int, bool]] = []
    for number, (name, shapes) in enumerate(polygons.items()):
        path = next(iter(sorted(photo_dir.glob(f"{name}.*"))), None)
        if path is None:
            raise FileNotFoundError(f"{photo_dir} has no photograph {name}")
        image = read_png(path)
        mask = rasterise(shapes, *image.shape[:2])
        for view in range(1 + AUGMENTED_VIEWS):
            seen, labels = (image, mask) if view == 0 else augment(image, mask, rng)
            parts.append((*view_cells(seen, labels, rng), number, view == 0))
        LOGGER.info("%s: %d cells", name, len(parts[-1][1]))
    cells = Cells(
        np.concatenate([inputs for inputs, _, _, _ in parts]),
        np.concatenate([labels for _, labels, _, _ in parts]),
        np.concatenate([np.full(len(labels), photo) for _, labels, photo, _ in parts]),
        np.concatenate([np.full(len(labels), first) for _, labels, _, first in parts]),
    )
    return cells, list(polygons)


def fit(cells: Cells, chosen: NDArray[np.bool_], seed: int = 0) -> LayoutHead:
    """Train a head on the chosen cells."""
    torch.manual_seed(seed)
    inputs, labels = torch.from_numpy(cells.inputs[chosen]), torch.from_numpy(cells.labels[chosen])
    mean, std = inputs.mean(0), inputs.std(0).clamp_min(1e-3)
    inputs = (inputs - mean) / std
    weight = 1.0 / torch.bincount(labels, minlength=len(CLASS_NAMES)).float().sqrt()
    loss_function = nn.CrossEntropyLoss(weight=weight / weight.mean(), label_smoothing=0.05)
    hidden = nn.Linear(FEATURE_COUNT + POSITION_COUNT, HIDDEN)
    out = nn.Linear(HIDDEN, len(CLASS_NAMES))
    model = nn.Sequential(nn.Dropout(0.4), hidden, nn.ReLU(), nn.Dropout(0.5), out)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    for _ in range(STEPS):
        index = torch.randint(len(labels), (BATCH,))
        loss = loss_function(model(inputs[index]), labels[index])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    arrays = [mean, 1.0 / std, hidden.weight, hidden.bias, out.weight, out.bias]
    return LayoutHead(*(array.detach().numpy().astype(np.float32) for array in arrays))


def cross_validate(cells: Cells, photo_count: int, folds: int) -> dict[str, Any]:
    """Return accuracy and IoU by class over cells of photographs held out in turn."""
    confusion = np.zeros((len(CLASS_NAMES),) * 2, np.int64)
    fold_of = np.random.default_rng(1).permutation(photo_count) % folds
    for fold in range(folds):
        held = fold_of[cells.photos] == fold
        head = fit(cells, ~held)
        tested = held & cells.original
        # The head expects [F, h, w] and appends the row itself; the rows are already in `inputs`.
        predicted = predict(head, cells.inputs[tested])
        np.add.at(confusion, (cells.labels[tested], predicted), 1)
    correct = np.diag(confusion)
    union = confusion.sum(0) + confusion.sum(1) - correct
    return {
        "photos": photo_count,
        "folds": folds,
        "recall": dict(
            zip(CLASS_NAMES, (correct / confusion.sum(1)).round(3).tolist(), strict=True)
        ),
        "iou": dict(zip(CLASS_NAMES, (correct / union).round(3).tolist(), strict=True)),
        "accuracy": round(float(correct.sum() / confusion.sum()), 3),
        "confusion": confusion.tolist(),
    }


def predict(head: LayoutHead, inputs: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the class index [N] of ready-made inputs [N, F]."""
    hidden = ((inputs - head.mean) * head.scale) @ head.hidden_weight.T + head.hidden_bias
    logits = np.maximum(hidden, 0.0) @ head.out_weight.T + head.out_bias
    return np.asarray(logits.argmax(axis=1), dtype=np.int64)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, cross-validate, save and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("photos", type=Path, help="folder with one image per annotated name")
    parser.add_argument("--folds", type=int, default=5, help="0 skips cross-validation")
    parser.add_argument("--out", type=Path, help="folder that receives the head; none: not saved")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    cells, names = load_cells(options.photos)
    report: dict[str, Any] = {}
    if options.folds:
        report = cross_validate(cells, len(names), options.folds)
    if options.out:
        fit(cells, np.ones(len(cells.labels), np.bool_)).save(options.out / HEAD_FILE)
        report["saved"] = str(options.out / HEAD_FILE)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
