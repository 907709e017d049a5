import numpy as np
import pytest
import torch
from tests.data.files import published_keys
from tests.motion_networks.support import animator_state, tensors, write_safetensors

from livescape.engine.advect.reference import integrate
from livescape.engine.splat import splat, symmetric_splat
from livescape.engine.splat.cuda import splat_sum
from livescape.motion.network_animation import animate_with_network
from livescape.networks.architectures.slrsfs import (
    displacement_until_lost,
    load_animator,
    symmetric_softmax_splat,
)
from livescape.networks.architectures.slrsfs_decoder import PartialConv2d
from livescape_shared.errors import LivescapeError

LOOP = 20


@pytest.fixture(scope="module")
def vectors():
    return tensors("slrsfs_animate_rule")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("net") / "animator.safetensors"
    prefixed = {f"model.module.{key}": value for key, value in animator_state().items()}
    return write_safetensors(path, prefixed)


def channels_last(tensor):
    return tensor[0].permute(1, 2, 0).numpy()


def relative_error(found, expected):
    return float((found - expected).abs().max() / expected.abs().max())


def test_encoder_matches_the_reference_vector(vectors, checkpoint):
    with torch.inference_mode():
        features, importance = load_animator(checkpoint).encode(vectors["image"][0])
    kept = features[:, ::3, ::3]
    assert relative_error(kept, vectors["features"][0]) < 1e-5
    assert relative_error(importance, vectors["Z"][0]) < 1e-5


@pytest.mark.parametrize("step", [0, 7, 19])
def test_animation_matches_the_reference_vector(vectors, checkpoint, step):
    image = channels_last(vectors["image"]) * 0.5 + 0.5
    motion = channels_last(vectors["motion"])
    (found,) = animate_with_network(image, motion, [step], LOOP, checkpoint)
    expected = channels_last(vectors[f"pred_t{step}"]) * 0.5 + 0.5
    np.testing.assert_allclose(found, expected, atol=2e-6)


@pytest.mark.parametrize("step", [0, 7, 19])
def test_displacements_match_the_reference_vector(vectors, step):
    motion = vectors["motion"][0]
    forward = displacement_until_lost(motion, step)
    backward = displacement_until_lost(-motion, LOOP - step)
    torch.testing.assert_close(forward, vectors[f"disp_fwd_t{step}"][0], atol=3e-5, rtol=1e-5)
    torch.testing.assert_close(backward, vectors[f"disp_bwd_t{step}"][0], atol=3e-5, rtol=1e-5)


@pytest.mark.parametrize("steps", [1, 5, 59])
def test_displacements_match_the_vectors_of_integration(steps):
    files = tensors("euler_integration")
    motion = files["motion"].reshape(files["motion"].shape[-3:])
    for name, field in (("fwd", motion), ("bwd", -motion)):
        expected = files[f"slr_{name}_N{steps}"].reshape(motion.shape)
        torch.testing.assert_close(
            displacement_until_lost(field, steps), expected, atol=2e-5, rtol=1e-5
        )


@pytest.mark.parametrize("steps", [1, 5, 20])
def test_displacements_are_the_plain_ones_until_a_trajectory_is_lost(vectors, steps):
    motion = vectors["motion"][0]
    found = displacement_until_lost(motion, steps).permute(1, 2, 0).numpy()
    plain = integrate(motion.permute(1, 2, 0).numpy(), steps, lookup="nearest")
    lost = (found == 33).all(-1)
    assert 0 < lost.mean() < 0.9
    np.testing.assert_allclose(found[~lost], plain[~lost], atol=1e-4)


def test_splat_equals_the_plain_loop():
    generator = torch.Generator().manual_seed(0)
    values = torch.rand(3, 20, 30, generator=generator)
    weight = torch.rand(20, 30, generator=generator)
    displacement = torch.randn(2, 20, 30, generator=generator) * 4
    found = splat_sum(torch.cat((values * weight, weight[None])), displacement)
    sums, total = splat(
        values.permute(1, 2, 0).numpy(), displacement.permute(1, 2, 0).numpy(), weight.numpy()
    )
    np.testing.assert_allclose(found[:3].permute(1, 2, 0), sums, atol=1e-5)
    np.testing.assert_allclose(found[3], total, atol=1e-5)


def test_symmetric_splat_equals_the_plain_loop():
    generator = torch.Generator().manual_seed(1)
    values = torch.rand(3, 20, 30, generator=generator)
    importance = torch.randn(1, 20, 30, generator=generator)
    there = torch.randn(2, 20, 30, generator=generator)
    back = torch.randn(2, 20, 30, generator=generator)
    found = symmetric_softmax_splat(values, importance, there, back, 0.3)
    numpy_flows = [flow.permute(1, 2, 0).numpy() for flow in (there, back)]
    mixed, weight = symmetric_splat(
        values.permute(1, 2, 0).numpy(), *numpy_flows, 0.3, importance[0].numpy()
    )
    covered = weight > 1e-3
    np.testing.assert_allclose(found.permute(1, 2, 0)[covered], mixed[covered], atol=1e-5)


def test_partial_convolution_is_the_mean_over_what_is_known():
    generator = torch.Generator().manual_seed(2)
    layer = PartialConv2d(4, 5, 3, padding=1)
    features = torch.randn(1, 4, 6, 7, generator=generator)
    known = (torch.rand(1, 4, 6, 7, generator=generator) > 0.5).float()
    known[..., :3, :3] = 0
    with torch.inference_mode():
        found, reached = layer(features, known)
        shared, _ = layer(features, known[:, :1].expand(1, 4, 6, 7))
        shared_once, _ = layer(features, known[:, :1])
        complete, everywhere = layer(features, torch.ones_like(known))
        padded = torch.nn.functional.pad(features * known, (1, 1, 1, 1))
        known_padded = torch.nn.functional.pad(known, (1, 1, 1, 1))
        for row, column in ((0, 0), (2, 3), (5, 6), (0, 4)):
            window = padded[0, :, row : row + 3, column : column + 3]
            count = known_padded[0, :, row : row + 3, column : column + 3].sum()
            expected = (layer.weight * window).sum((1, 2, 3)) * 36 / count.clamp(min=1)
            expected = (expected + layer.bias) * (count > 0)
            np.testing.assert_allclose(found[0, :, row, column], expected, atol=1e-5)
            assert reached[0, 0, row, column] == float(count > 0)
        plain = torch.nn.functional.conv2d(features, layer.weight, layer.bias)
    torch.testing.assert_close(shared, shared_once)
    torch.testing.assert_close(complete[..., 1:-1, 1:-1], plain)
    assert everywhere.min() == 1


def test_published_files_hold_the_animator(tmp_path):
    state = animator_state()
    shapes = published_keys("slrsfs_baseline2_motion2_joint_full")
    assert {f"model.module.{key}" for key in state} <= set(shapes)
    own = ("model.module.encoder.", "model.module.projector.")
    joint = {
        key: state[key.removeprefix("model.module.")] if key.startswith(own) else torch.zeros(1)
        for key in shapes
    }
    torch.save({"state_dict": joint}, tmp_path / "baseline2+motion2.pth")
    network = load_animator(tmp_path / "baseline2+motion2.pth")
    stored_mean = state["projector.eblocks.2.bn_noise2.pbn.stored_mean"]
    assert torch.equal(network.projector.eblocks[2].bn_noise2["pbn"].stored_mean, stored_mean)


def test_a_motion_file_is_no_animator(tmp_path):
    keys = published_keys("slrsfs_motion2_standalone_full")
    torch.save({"state_dict": {key: torch.zeros(1) for key in keys}}, tmp_path / "motion2.pth")
    with pytest.raises(LivescapeError, match="it lacks the tensors gblocks") as caught:
        load_animator(tmp_path / "motion2.pth")
    assert caught.value.code == "checkpoint_mismatch"


def test_any_size_loops_and_stays_outside_the_mask(checkpoint):
    rng = np.random.default_rng(3)
    image = rng.random((25, 38, 3)).astype(np.float32)
    flow = np.full((25, 38, 2), 0.8, np.float32)
    mask = np.zeros((25, 38), np.float32)
    mask[:, 20:] = 1
    first, again, other = animate_with_network(image, flow, [0, 6, 3], 6, checkpoint, mask=mask)
    assert first.shape == image.shape
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(other[:, :20], image[:, :20])
    assert np.abs(other - first)[:, 20:].max() > 1e-4


def test_a_static_scene_is_the_photo_and_needs_no_network(tmp_path):
    image = np.random.default_rng(4).random((8, 9, 3)).astype(np.float32)
    flow = np.zeros((8, 9, 2), np.float32)
    frames = list(animate_with_network(image, flow, [0, 1], 4, tmp_path / "absent.pth"))
    assert len(frames) == 2
    assert all(np.array_equal(frame, image) for frame in frames)


def test_bad_input(checkpoint):
    image, flow = np.zeros((8, 9, 3), np.float32), np.ones((8, 9, 2), np.float32)
    with pytest.raises(LivescapeError, match="finite"):
        animate_with_network(image, flow * np.nan, [0], 4, checkpoint)
    with pytest.raises(ValueError, match="differ"):
        animate_with_network(image, flow[1:], [0], 4, checkpoint)
    with pytest.raises(ValueError, match="mask"):
        animate_with_network(image, flow, [0], 4, checkpoint, mask=np.ones((3, 3)))
    with pytest.raises(ValueError, match="loop of 0"):
        animate_with_network(image, flow, [0], 0, checkpoint)
