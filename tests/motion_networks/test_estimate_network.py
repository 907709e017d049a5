from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.contexts import here
from tests.motion_networks.support import full_motion_state, tensors, write_safetensors

from livescape.context.environment import Checkpoints
from livescape.motion import flow_estimators
from livescape.motion.auto import Setting
from livescape.motion.flow_estimators import MotionInputs
from livescape.motion.network_flow import (
    estimate_with_network,
    load_motion_network,
    network_input,
    postprocess,
)
from livescape_shared.annotation import Annotation
from livescape_shared.errors import LivescapeError

NETWORK = "3dcine_motion_full_256_rule"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return write_safetensors(tmp_path_factory.mktemp("net") / "m.safetensors", full_motion_state())


def photo(height=90, width=120):
    rng = np.random.default_rng(0)
    image = rng.random((height, width, 3)).astype(np.float32)
    mask = np.zeros((height, width), np.float32)
    mask[20:60, 30:100] = 1
    hints = mask[..., None] * np.float32([1.5, -0.5])
    return image, mask, hints


@pytest.mark.parametrize(("passes", "name"), [(1, "as_code_blur1"), (7, "iterated_blur7")])
def test_postprocess_matches_the_reference_vector(passes, name):
    network, wanted = tensors(NETWORK), tensors("3dcine_motion_postprocess")
    found = postprocess(network["output"], network["mask"], 256, 256, passes=passes)
    torch.testing.assert_close(found[..., ::3, ::3], wanted[name], atol=1e-5, rtol=1e-5)


def test_postprocess_rescales_values_with_the_size():
    network, wanted = tensors(NETWORK), tensors("3dcine_motion_postprocess")
    found = postprocess(network["output"], network["mask"], 320, 180)[..., ::3, ::3]
    torch.testing.assert_close(found, wanted["as_code_resized_180x320"], atol=1e-5, rtol=1e-5)


def test_input_is_in_the_units_of_the_square():
    image, mask, hints = photo()
    condition = network_input(image, mask, hints, 256)
    assert condition.shape == (1, 6, 256, 256)
    assert condition[:, :3].min() < -0.8
    assert condition[:, :3].max() > 0.8
    assert condition[0, 3].mean() == pytest.approx(mask.mean(), abs=1e-3)
    middle = condition[0, 4:, 110, 140]
    np.testing.assert_allclose(middle, [1.5 * 256 / 120, -0.5 * 256 / 90], rtol=1e-5)


def test_flow_of_a_photo_equals_the_steps_by_hand(checkpoint):
    image, mask, hints = photo()
    flow = estimate_with_network(image, mask, hints, checkpoint, size=256)
    condition = network_input(image, mask, hints, 256)
    with torch.inference_mode():
        motion = load_motion_network(checkpoint)(condition)
    by_hand = postprocess(motion, condition[:, 3:4], 120, 90)[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(flow[mask > 0], by_hand[mask > 0], atol=1e-6)
    assert flow.dtype == np.float32
    assert not flow[mask == 0].any()
    assert np.abs(flow[mask > 0]).max() > 0.01


def test_a_static_scene_needs_no_network(tmp_path):
    image, mask, hints = photo()
    flow = estimate_with_network(image, 0 * mask, 0 * hints, tmp_path / "absent.pth")
    assert flow.shape == (90, 120, 2)
    assert not flow.any()


def test_bad_input(checkpoint, tmp_path):
    image, mask, hints = photo()
    with pytest.raises(LivescapeError, match="finite"):
        estimate_with_network(image, mask, hints * np.nan, checkpoint)
    with pytest.raises(ValueError, match="differ"):
        estimate_with_network(image, mask, hints[1:], checkpoint)
    with pytest.raises(ValueError, match="multiple"):
        estimate_with_network(image, mask, hints, checkpoint, size=300)
    with pytest.raises(LivescapeError) as caught:
        estimate_with_network(image, mask, hints, tmp_path / "absent.pth", size=256)
    assert caught.value.code == "checkpoint_unreadable"


def test_a_network_that_overflows_is_reported(tmp_path):
    state = full_motion_state()
    for name, factor in (("weight_orig", 1e38), ("weight_u", 1e-38)):
        key = f"motion_predictor.dconv8.{name}"
        state[key] = state[key] * factor
    path = write_safetensors(tmp_path / "m.safetensors", state)
    with pytest.raises(LivescapeError) as caught:
        estimate_with_network(*photo(), path, size=256)
    assert caught.value.code == "checkpoint_mismatch"


def test_a_changed_file_is_read_again(tmp_path):
    path = write_safetensors(tmp_path / "m.safetensors", full_motion_state())
    first = load_motion_network(path)
    assert load_motion_network(path) is first
    path.write_bytes(b"no network any more")
    with pytest.raises(LivescapeError):
        load_motion_network(path)


def test_hints_and_layout_guide_the_estimator(checkpoint, monkeypatch):
    image, mask, _ = photo()
    sky = np.zeros_like(mask)
    sky[:50] = 1
    drawn = Annotation((), np.float32([[[40, 30], [90, 30]]]), 120, 90)
    monkeypatch.setattr(flow_estimators, "NETWORK_SIZE", 256)
    context = replace(here(), checkpoints=Checkpoints(motion=checkpoint))
    estimate = flow_estimators.MOTION_ESTIMATORS["network"]
    setting = Setting(60.0, sky=sky)
    hinted = estimate(context, MotionInputs(image, mask, setting, annotation=drawn))
    guessed = estimate(context, MotionInputs(image, mask, setting))
    assert hinted.shape == guessed.shape == (90, 120, 2)
    assert np.isfinite(hinted).all()
    assert np.abs(hinted - guessed).max() > 1e-3
