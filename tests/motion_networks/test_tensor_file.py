import argparse
import json
import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.motion_networks.support import write_safetensors

from livescape.networks.tensor_file import read_tensors
from livescape_shared.errors import LivescapeError


class Attack:
    """Creates a file when it is unpickled in the plain way."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return (Path.touch, (Path(self.target),))


class Command(Attack):
    def __reduce__(self):
        return (os.system, (f"touch {self.target}",))


WEIGHTS = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.zeros(2)}


@pytest.mark.parametrize("zipped", [True, False])
def test_sections_options_and_optimisers(tmp_path, zipped):
    options = argparse.Namespace(lr=1e-4, betas=(0.0, 0.9), inner=argparse.Namespace(name="x"))
    content = {
        "state_dict": WEIGHTS,
        "opts": options,
        "optimizer": {"state": {0: {"exp_avg": torch.ones(2)}}},
        "step": 3,
        "alone": torch.ones(1),
    }
    path = tmp_path / "motion.pth"
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    found = read_tensors(path)
    assert set(found) == {"state_dict.a.weight", "state_dict.a.bias", "alone"}
    assert torch.equal(found["state_dict.a.weight"], WEIGHTS["a.weight"])


def test_reading_leaves_no_class_allowed(tmp_path):
    before = set(torch.serialization.get_safe_globals())
    torch.save({"opts": argparse.Namespace()}, tmp_path / "x.pth")
    read_tensors(tmp_path / "x.pth")
    assert set(torch.serialization.get_safe_globals()) == before


@pytest.mark.parametrize("attack", [Attack, Command])
@pytest.mark.parametrize("form", ["zip", "legacy", "bare", "bare_2"])
def test_code_in_a_checkpoint_never_runs(tmp_path, attack, form):
    target, path = tmp_path / "ran", tmp_path / "evil.pth"
    content = {"state_dict": WEIGHTS, "opts": attack(target)}
    if form in ("zip", "legacy"):
        torch.save(content, path, _use_new_zipfile_serialization=form == "zip")
    else:
        path.write_bytes(pickle.dumps(content, protocol=2 if form == "bare_2" else 4))
    with pytest.raises(LivescapeError) as caught:
        read_tensors(path)
    assert caught.value.code == "checkpoint_unsafe"
    assert not target.exists()


def test_the_attack_would_work_on_a_careless_reader(tmp_path):
    target = tmp_path / "ran"
    pickle.loads(pickle.dumps(Attack(target)))
    assert target.exists()


def test_what_a_checkpoint_wants_to_run_is_named(tmp_path):
    torch.save({"x": Command(tmp_path / "ran")}, tmp_path / "evil.pth")
    with pytest.raises(LivescapeError, match=r"posix\.system|nt\.system"):
        read_tensors(tmp_path / "evil.pth")


def test_whole_modules_are_refused(tmp_path):
    torch.save(torch.nn.Linear(2, 2), tmp_path / "module.pth")
    with pytest.raises(LivescapeError, match="Linear") as caught:
        read_tensors(tmp_path / "module.pth")
    assert caught.value.code == "checkpoint_unsafe"


def test_sparse_and_virtual_tensors_are_left_out(tmp_path):
    content = {"sparse": torch.eye(3).to_sparse(), "index": torch.arange(3), "w": torch.ones(1)}
    torch.save(content, tmp_path / "x.pth")
    assert set(read_tensors(tmp_path / "x.pth")) == {"w"}


def test_safetensors_come_back(tmp_path):
    found = read_tensors(write_safetensors(tmp_path / "x.safetensors", WEIGHTS))
    assert set(found) == set(WEIGHTS)
    assert all(torch.equal(found[name], value) for name, value in WEIGHTS.items())


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [400], "data_offsets": [0, 1600]},
        {"dtype": "F32", "shape": [-2], "data_offsets": [0, -8]},
        {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]},
        {"dtype": "F32", "shape": "2", "data_offsets": [0, 8]},
        {"dtype": "Z", "shape": [2], "data_offsets": [0, 8]},
        {"dtype": ["F32"], "shape": [2], "data_offsets": [0, 8]},
        {"dtype": "F8_E4M3", "shape": [8], "data_offsets": [0, 8]},
        {"dtype": "C64", "shape": [1], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [0, 2**62, 2**62], "data_offsets": [0, 0]},
        {"shape": [2]},
        7,
    ],
)
def test_safetensors_that_do_not_fit_are_refused(tmp_path, entry):
    head = json.dumps({"w": entry}).encode()
    path = tmp_path / "x.safetensors"
    path.write_bytes(struct.pack("<Q", len(head)) + head + bytes(8))
    assert_unreadable(path)


def test_endless_nesting_is_refused(tmp_path):
    head = b'{"a":' * 100_000
    (tmp_path / "x.safetensors").write_bytes(struct.pack("<Q", len(head)) + head)
    assert_unreadable(tmp_path / "x.safetensors")


def test_no_file_an_empty_file_and_a_folder(tmp_path):
    assert_unreadable(tmp_path / "absent.pth")
    assert_unreadable(tmp_path)
    (tmp_path / "empty.pth").write_bytes(b"")
    assert_unreadable(tmp_path / "empty.pth")


@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors"])
def test_damaged_files_raise_our_errors_alone(tmp_path, kind):
    path = tmp_path / "x.pth"
    if kind == "safetensors":
        write_safetensors(path, WEIGHTS)
    else:
        torch.save({"state_dict": WEIGHTS}, path, _use_new_zipfile_serialization=kind == "zip")
    whole = path.read_bytes()
    rng = np.random.default_rng(5)
    codes = []
    for trial in range(120):
        data = bytearray(whole[: rng.integers(len(whole))] if trial % 3 == 0 else whole)
        for place in rng.integers(0, max(len(data), 1), size=rng.integers(0, 6)):
            if data:
                data[place] = rng.integers(256)
        path.write_bytes(data)
        try:
            read_tensors(path)
        except LivescapeError as error:
            codes.append(error.code)
    assert len(codes) > 30
    assert set(codes) <= {"checkpoint_unreadable", "checkpoint_unsafe"}


def assert_unreadable(path):
    with pytest.raises(LivescapeError) as caught:
        read_tensors(path)
    assert caught.value.code == "checkpoint_unreadable"
