"""Motion inputs that make no sense, and those that only look odd, through a whole generation."""

import json
import pickle

import numpy as np
import pytest
import torch
from tests.motion_networks.support import write_safetensors
from tests.pipeline.support import HEIGHT, WIDTH, npy, png, request, run

from livescape.networks.checkpoints import ANIMATOR, MOTION
from livescape_shared.errors import LivescapeError

QUICK = {"working_size": 64, "gaussian_budget": 1000, "views": 1, "loop_frames": 2,
         "fit_iterations": 0, "deform_iterations": 1}  # fmt: skip


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def hints(*lines):
    shapes = [{"label": "hint", "points": line} for line in lines]
    return json.dumps({"imageWidth": WIDTH, "imageHeight": HEIGHT, "shapes": shapes}).encode()


def flow(height, width):
    return np.full((height, width, 2), 0.5, np.float32)


FULL = np.full((HEIGHT, WIDTH), 255, np.uint8)
NOT_A_NUMBER = np.where(np.arange(WIDTH)[:, None] == 9, np.nan, flow(HEIGHT, WIDTH))


@pytest.mark.parametrize(
    ("files", "motion", "code", "stage"),
    [
        ({"flow": npy(flow(HEIGHT, HEIGHT))}, "file", "flow_size_mismatch", "motion"),
        ({"flow": npy(NOT_A_NUMBER)}, "file", "flow_invalid", "photo"),
        ({"flow": npy(flow(HEIGHT, WIDTH)[..., :1])}, "file", "flow_invalid", "photo"),
        ({"hints": hints([[-9, 5], [20, 5]])}, "hints", "hints_outside", "photo"),
        ({"mask": png(FULL[:, :HEIGHT])}, "auto", "mask_size_mismatch", "layers"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(cache, files, motion, code, stage):
    with pytest.raises(LivescapeError) as caught:
        run(request(files=files, motion=motion, **QUICK), cache)
    assert (caught.value.code, caught.value.stage) == (code, stage)
    assert caught.value.hint


class Runs:
    """Pickles as a call of a function."""

    def __reduce__(self):
        return print, ("run by the unpickler",)


def pickled(path):
    torch.save({"encoder": Runs()}, path)


def bare_pickle(path):
    path.write_bytes(pickle.dumps({"weights": Runs()}))


def another_network(path):
    write_safetensors(path, {"motion_predictor.conv9.weight": torch.zeros(3, 3)})


def nonsense(path):
    path.write_bytes(b"no checkpoint at all")


@pytest.mark.parametrize(
    ("setting", "make", "code", "named"),
    [
        ("motion", pickled, "checkpoint_unsafe", "print"),
        ("motion", bare_pickle, "checkpoint_unsafe", "network.pth"),
        (
            "motion",
            another_network,
            "checkpoint_mismatch",
            "lacks the tensors conv1.* unknown tensors .*conv9",
        ),
        ("motion", nonsense, "checkpoint_unreadable", "network.pth"),
        ("animator", pickled, "checkpoint_unsafe", "print"),
        ("animator", another_network, "checkpoint_mismatch", "it lacks"),
    ],
)
def test_a_checkpoint_that_is_none_is_refused(
    cache, monkeypatch, tmp_path, capsys, setting, make, code, named
):
    path = tmp_path / "network.pth"
    make(path)
    wanted = MOTION if setting == "motion" else ANIMATOR
    monkeypatch.setenv(wanted.variable, str(path))
    asked = request(files={"mask": png(FULL)}, **{**QUICK, setting: "network"})
    with pytest.raises(LivescapeError, match=named) as caught:
        run(asked, cache)
    assert caught.value.code == code
    assert caught.value.stage == ("motion" if setting == "motion" else "animate")
    assert "run by the unpickler" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("files", "motion", "moves"),
    [
        ({"mask": png(0 * FULL)}, "auto", False),
        ({"mask": png(0 * FULL)}, "network", False),
        ({"mask": png(FULL)}, "auto", True),
        ({"flow": npy(flow(HEIGHT // 2, WIDTH // 2))}, "file", True),
        ({"flow": npy(0 * flow(HEIGHT, WIDTH))}, "file", True),
        ({"hints": hints([[-9, 5], [20, 5]], [[50, 100], [90, 100]])}, "hints", True),
    ],
)
def test_what_only_looks_odd_is_a_scene(cache, monkeypatch, tmp_path, files, motion, moves):
    monkeypatch.setenv(MOTION.variable, str(tmp_path / "never_opened.pth"))
    (tmp_path / "never_opened.pth").write_bytes(b"none")
    scene = run(request(files=files, motion=motion, **QUICK), cache)
    assert (scene.meta.moving > 0) == moves
    assert scene.report["loop_error"] < 1e-5
    if not moves:
        assert scene.at_frame(3) is scene.still
