"""The whole way: photo, the server that the add-on starts, the pipeline, Cycles."""

import time
from pathlib import Path

import numpy as np
import pytest
from tests.addon import oracle
from tests.addon.conftest import ROOT, backend_program

from livescape_shared.cache.manifest import read_manifest
from livescape_shared.cache.stored import read_moving, read_static
from livescape_shared.camera import Camera
from livescape_shared.conventions import SINCE_EVER, linear_to_srgb
from livescape_shared.gaussians import Gaussians
from livescape_shared.processes import process_alive

PHOTO = ROOT / "demo" / "chenonceau_river.jpg"
SETTINGS = {
    "working_size": 160,
    "gaussian_budget": 8000,
    "views": 2,
    "fit_iterations": 10,
    "deform_iterations": 2,
    "loop_frames": 6,
}


@pytest.fixture(scope="module")
def made(blender, tmp_path_factory):
    pytest.importorskip("livescape.pipeline")
    folder = tmp_path_factory.mktemp("own_server")
    python = backend_program(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIVESCAPE_PYTHON", str(python))
        patch.setenv("LIVESCAPE_STATE_DIR", str(folder / "state"))
        result = blender.run("own_server.py", folder, photo=str(PHOTO), settings=SETTINGS)
    return {**result, "folder": folder}


def test_generates(made):
    assert made["outcome"] == ["FINISHED"]
    assert "Gaussians" in made["note"]


def test_cycles_shows_what_the_backend_renders(made):
    from livescape.gaussians.render import render

    cache = Path(made["cache"])
    manifest = read_manifest(cache)
    moving, static = read_moving(cache, manifest), read_static(cache, manifest)
    outgoing = moving.gaussians[
        moving.windows[:, 0] == SINCE_EVER
    ]  # all that is seen of them at t = 0
    gaussians = Gaussians.concatenate(static.gaussians, outgoing)
    wanted = render(gaussians, Camera.from_dict(made["camera"]), "linear").image
    image = linear_to_srgb(np.clip(np.load(made["image"])[..., :3], 0.0, 1.0))
    assert wanted.std() > 0.05, "the photo is not flat"
    assert oracle.psnr(image, wanted) >= 45.0


def test_it_took_what_was_said_before(made):
    """The process alone outweighs so small a scene; neither is it far from what was said."""
    cache = Path(made["cache"])
    took = sum(path.stat().st_size for path in cache.iterdir())
    assert took <= made["said"]["disk"] <= 6 * took
    memory = read_manifest(cache).report["peak_memory_mb"] * 2**20
    assert 0.5 < memory / made["said"]["memory"] < 1.25


def test_server_ends_with_blender(made):
    deadline = time.monotonic() + 20.0
    while process_alive(made["server_pid"]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not process_alive(made["server_pid"])
