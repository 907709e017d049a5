"""``motion="network"``: the checkpoint of this machine, through the command line."""

import cv2
import numpy as np
import pytest
from tests.motion_networks.support import full_motion_state, write_safetensors

from livescape.cli import main
from livescape.motion.estimate import estimate_motion
from livescape.motion.networks.configured import (
    VARIABLE,
    checkpoint_signature,
    motion_checkpoint,
)
from livescape_shared.errors import LivescapeError


def test_without_a_checkpoint_there_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.delenv(VARIABLE, raising=False)
    for named in ("", str(tmp_path / "absent.pth")):
        monkeypatch.setenv(VARIABLE, named)
        with pytest.raises(LivescapeError) as caught:
            motion_checkpoint()
        assert caught.value.code == "checkpoint_missing"
        image = np.zeros((8, 8, 3), np.float32)
        with pytest.raises(LivescapeError) as caught:
            estimate_motion(image, np.ones((8, 8)), method="network")
        assert caught.value.code == "checkpoint_missing"
        assert not estimate_motion(image, np.zeros((8, 8)), method="network").any()
    assert checkpoint_signature("auto") == ""


def test_another_checkpoint_is_another_scene(monkeypatch, tmp_path):
    path = tmp_path / "motion.pth"
    monkeypatch.setenv(VARIABLE, str(path))
    path.write_bytes(b"one")
    first = checkpoint_signature("network")
    path.write_bytes(b"two")
    assert checkpoint_signature("network") != first


def test_a_photo_moves_by_the_network(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, "")
    write_safetensors(tmp_path / "motion.safetensors", full_motion_state())
    noise = np.random.default_rng(0).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "photo.png"), cv2.resize(noise, (96, 72)))
    cv2.imwrite(str(tmp_path / "mask.png"), np.full((72, 96), 255, np.uint8))
    settings = {"working_size": 96, "gaussian_budget": 2000, "fit_iterations": 2, "views": 1,
                "deform_iterations": 0, "loop_frames": 4}  # fmt: skip
    words = [word for item in settings.items() for word in ("--set", *map(str, item))]
    command = [
        "run", str(tmp_path / "photo.png"), *words, "--mask", str(tmp_path / "mask.png"),
        "--motion-checkpoint", str(tmp_path / "motion.safetensors"),
        "--out", str(tmp_path / "out"), "--cache-dir", str(tmp_path / "cache"),
    ]  # fmt: skip
    assert main(command) == 0
    assert '"gaussians_moving": 0' not in (tmp_path / "out" / "report.json").read_text()
