"""``motion="network"``: the checkpoint of this machine, through the command line."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.contexts import here
from tests.motion_networks.support import full_motion_state, write_safetensors

from livescape.commands.main import main
from livescape.context.environment import Checkpoints
from livescape.imaging.png import write_png
from livescape.motion import flow_estimators
from livescape.motion.flow_estimators import estimate_motion
from livescape.networks.architectures.slrsfs import SlrSfs
from livescape.networks.checkpoints import (
    ANIMATOR,
    MOTION,
    checkpoints_identity,
)
from livescape_shared.errors import LivescapeError
from livescape_shared.settings import GenerateSettings


def test_without_a_checkpoint_there_is_a_sentence(tmp_path):
    for named in (None, tmp_path / "absent.pth"):
        context = replace(here(), checkpoints=Checkpoints(motion=named))
        image = np.zeros((8, 8, 3), np.float32)
        with pytest.raises(LivescapeError, match=MOTION.variable) as caught:
            estimate_motion(context, image, np.ones((8, 8)), method="network")
        assert caught.value.code == "checkpoint_missing"
        assert not estimate_motion(context, image, np.zeros((8, 8)), method="network").any()
        assert checkpoints_identity(context, GenerateSettings()) == ["", ""]


@pytest.mark.parametrize(("setting", "wanted"), [("motion", MOTION), ("animator", ANIMATOR)])
def test_another_checkpoint_is_another_scene(tmp_path, setting, wanted):
    settings = GenerateSettings(**{setting: "network"})
    with pytest.raises(LivescapeError, match=wanted.variable) as caught:
        checkpoints_identity(replace(here(), checkpoints=Checkpoints()), settings)
    assert caught.value.code == "checkpoint_missing"
    path = tmp_path / "network.pth"
    context = replace(here(), checkpoints=Checkpoints(**{setting: path}))
    path.write_bytes(b"one")
    first = checkpoints_identity(context, settings)
    path.write_bytes(b"two")
    assert checkpoints_identity(context, settings) != first


@pytest.mark.parametrize("kind", ["motion", "animator"])
def test_a_photo_moves_by_the_network(monkeypatch, tmp_path, kind):
    monkeypatch.setenv(MOTION.variable, "")
    monkeypatch.setenv(ANIMATOR.variable, "")
    monkeypatch.setattr(flow_estimators, "NETWORK_SIZE", 256)
    state = full_motion_state() if kind == "motion" else SlrSfs().state_dict()
    write_safetensors(tmp_path / "network.safetensors", state)
    noise = np.random.default_rng(0).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    write_png(tmp_path / "photo.png", cv2.resize(noise, (96, 72)))
    write_png(tmp_path / "mask.png", np.full((72, 96, 3), 255, np.uint8))
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
