"""Each tier tells what it says, in files the product reads; paths are the published ones."""

import numpy as np
import pytest

from livescape.evaluate.paths import PATHS, path_cameras
from livescape.evaluate.tiers import arrows, request
from livescape.evaluate.truth import CLOUDS, SKY, STANDS, WATER, TruthView
from livescape.stages.door import read_inputs
from livescape_shared.camera import Camera
from livescape_shared.settings import GenerateSettings

WIDTH, HEIGHT = 128, 72


def photo(moves=True) -> TruthView:
    """Sky with moving clouds in its left half, land, and water before the camera."""
    K = np.array([[90.0, 0, WIDTH / 2], [0, 90.0, HEIGHT / 2], [0, 0, 1]])
    label = np.full((HEIGHT, WIDTH), STANDS, np.uint8)
    label[:20] = SKY
    if moves:
        label[:20, :64] = CLOUDS
        label[40:] = WATER
    depth = np.where(label == STANDS, 12.0, 6.0)
    depth[:20] = 4000.0
    rows, columns = np.indices(label.shape)
    x, y = (columns + 0.5 - WIDTH / 2) / 90, (rows + 0.5 - HEIGHT / 2) / 90
    positions = np.stack([x * depth, y * depth, depth], axis=-1).astype(np.float32)
    velocity = np.zeros_like(positions)
    velocity[label == WATER] = (0.04, 0, 0)
    velocity[label == CLOUDS] = (-30.0, 0, 0)
    image = np.random.default_rng(0).uniform(0, 1, (HEIGHT, WIDTH, 3)).astype(np.float32)
    camera = Camera(WIDTH, HEIGHT, K, np.eye(4))
    return TruthView(0, camera, image, positions, velocity, positions[..., :2], label)


def told(tier, view):
    return read_inputs(request(tier, view, [view.camera] * 4, GenerateSettings(), 2))


def test_auto_is_told_the_picture_alone():
    inputs = told("auto", photo())
    assert inputs.depth_map is inputs.mask is inputs.annotation is inputs.flow is None
    assert inputs.settings.motion == "auto"


def test_hints_are_true_depth_and_mask_and_six_arrows():
    view = photo()
    inputs = told("hints", view)
    assert np.isinf(inputs.depth_map[view.sky]).all()
    assert np.allclose(inputs.depth_map[~view.sky], view.depth[~view.sky])
    assert ((inputs.mask > 0.5) == view.moving).all()
    assert inputs.flow is None
    starts, motions = inputs.annotation.starts, inputs.annotation.motions
    assert len(starts) == 6
    columns, rows = starts.astype(int).T
    assert np.allclose(motions, view.flow[rows, columns], atol=1e-3)


def test_given_has_the_flow_too():
    view = photo()
    inputs = told("given", view)
    assert np.allclose(inputs.flow[view.moving], view.flow[view.moving])
    assert inputs.settings.motion == "file"


@pytest.mark.parametrize("tier", ["hints", "given"])
def test_where_nothing_moves_nothing_is_said_to(tier):
    inputs = told(tier, photo(moves=False))
    assert inputs.settings.motion == "none"
    assert inputs.annotation is inputs.flow is None


def test_every_region_has_an_arrow_and_they_keep_apart():
    view = photo()
    starts = arrows(view.moving, view.flow)[:, 0]
    columns, rows = starts.astype(int).T
    labels = view.label[rows, columns]
    assert {WATER, CLOUDS} == set(labels.tolist())
    assert (labels == WATER).sum() > (labels == CLOUDS).sum()
    gaps = np.linalg.norm(starts[:, None] - starts[None], axis=-1)
    assert gaps[~np.eye(len(starts), dtype=bool)].min() > 6


@pytest.mark.parametrize("travel", [1.0, 3.0])
def test_paths_are_the_published_ones_times_travel(travel):
    camera, near = photo().camera, 2.0

    def offsets(kind):
        cameras = path_cameras(kind, camera, near, travel, 5)
        return np.array([c.viewmat[:3, 3] for c in cameras]) / (near * travel)

    assert np.allclose(offsets("forward")[:, 2], np.linspace(0, -0.24, 5))
    assert np.allclose(offsets("sideways")[:, 0], np.linspace(0.09, -0.09, 5))
    assert np.allclose(offsets("up")[:, 1], np.linspace(0.08, -0.08, 5))
    assert np.allclose(offsets("arc")[2], (-0.04, 0, -0.09))
    assert not offsets("still").any()
    assert not offsets("turn").any()


def test_turning_turns_by_so_many_degrees():
    first, *_, last = path_cameras("turn", photo().camera, 1.0, 2.0, 9)
    turned = first.viewmat[:3, :3] @ last.viewmat[:3, :3].T
    assert np.degrees(np.arccos((np.trace(turned) - 1) / 2)) == pytest.approx(48.0)
    assert "turn" in PATHS


def test_all_paths_are_one_shot_long():
    """Four cameras on two paths of two frames: what moves, moves for two frames."""
    inputs = told("auto", photo())
    assert (inputs.settings.loop, len(inputs.path)) == ("off", 4)
    assert inputs.settings.loop_frames == 2
