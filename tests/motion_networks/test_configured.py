"""``motion="network"``: the checkpoint of this machine, through the command line."""

import json
from functools import partial

import cv2
import numpy as np
import pytest
from tests.motion_networks.support import full_motion_state, write_safetensors

from livescape.commands.main import main
from livescape.motion.flow_estimators import estimate_motion
from livescape.motion.network_hints import network_estimator
from livescape.networks import checkpoints as configured
from livescape.networks.architectures.slrsfs import SlrSfs
from livescape.networks.checkpoints import (
    ANIMATOR,
    MOTION,
    checkpoint_signature,
    configured_checkpoint,
)
from livescape_shared.errors import LivescapeError
from livescape_shared.settings import GenerateSettings

VARIABLE = MOTION.variable


def test_without_a_checkpoint_there_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.delenv(VARIABLE, raising=False)
    for named in ("", str(tmp_path / "absent.pth")):
        monkeypatch.setenv(VARIABLE, named)
        with pytest.raises(LivescapeError) as caught:
            configured_checkpoint(MOTION)
        assert caught.value.code == "checkpoint_missing"
        image = np.zeros((8, 8, 3), np.float32)
        with pytest.raises(LivescapeError) as caught:
            estimate_motion(image, np.ones((8, 8)), method="network")
        assert caught.value.code == "checkpoint_missing"
        assert not estimate_motion(image, np.zeros((8, 8)), method="network").any()
    assert checkpoint_signature(GenerateSettings()) == ["", ""]


@pytest.mark.parametrize(("setting", "wanted"), [("motion", MOTION), ("animator", ANIMATOR)])
def test_another_checkpoint_is_another_scene(monkeypatch, tmp_path, setting, wanted):
    settings = GenerateSettings(**{setting: "network"})
    monkeypatch.setenv(wanted.variable, "")
    with pytest.raises(LivescapeError, match=wanted.variable) as caught:
        checkpoint_signature(settings)
    assert caught.value.code == "checkpoint_missing"
    path = tmp_path / "network.pth"
    monkeypatch.setenv(wanted.variable, str(path))
    path.write_bytes(b"one")
    first = checkpoint_signature(settings)
    path.write_bytes(b"two")
    assert checkpoint_signature(settings) != first


@pytest.mark.parametrize("kind", ["motion", "animator"])
def test_a_photo_moves_by_the_network(monkeypatch, tmp_path, kind):
    monkeypatch.setenv(MOTION.variable, "")
    monkeypatch.setenv(ANIMATOR.variable, "")
    quick = partial(network_estimator, size=256)
    monkeypatch.setattr(configured, "network_estimator", quick)
    state = full_motion_state() if kind == "motion" else SlrSfs().state_dict()
    write_safetensors(tmp_path / "network.safetensors", state)
    noise = np.random.default_rng(0).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "photo.png"), cv2.resize(noise, (96, 72)))
    cv2.imwrite(str(tmp_path / "mask.png"), np.full((72, 96), 255, np.uint8))
    settings = {"working_size": 64, "gaussian_budget": 2000, "fit_iterations": 2, "views": 1,
                "deform_iterations": 1, "loop_frames": 2}  # fmt: skip
    words = [word for item in settings.items() for word in ("--set", *map(str, item))]
    command = [
        "run", str(tmp_path / "photo.png"), *words, "--mask", str(tmp_path / "mask.png"),
        f"--{kind}-checkpoint", str(tmp_path / "network.safetensors"),
        "--out", str(tmp_path / "out"), "--cache-dir", str(tmp_path / "cache"),
    ]  # fmt: skip
    assert main(command) == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["gaussians_moving"] > 0
    assert report["held_out_loss_after"] > 0
    assert report["settings"][kind] == "network"
