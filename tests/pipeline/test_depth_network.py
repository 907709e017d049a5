"""A depth network inside the whole pipeline: cached by its contents, refused before any work."""

import numpy as np
import pytest
from tests.depth import tiny_networks
from tests.pipeline.support import request, run

from livescape.context.cache import SUFFIX, StageCache
from livescape.context.environment import MODELS as VARIABLE
from livescape.depth.types import DepthEstimate
from livescape_shared.errors import LivescapeError

pytestmark = pytest.mark.usefixtures("own_networks")

NAME = "depth_anything_v2"
SMALL = {"depth": NAME, "working_size": 96, "gaussian_budget": 1500, "views": 1, "motion": "none",
    "fit_iterations": 1, "deform_iterations": 0, "loop_frames": 4}  # fmt: skip


def depths(folder):
    """The depth maps in a cache folder, by the name of their entry."""
    cache = StageCache(folder, 0)
    keys = [path.stem for path in folder.glob(f"depth-*{SUFFIX}")]
    return {key: cache.get(key, DepthEstimate, pytest.fail)[0] for key in keys}


def test_a_network_gives_the_scenes_depth_and_another_one_another(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "models"))
    folder = tiny_networks.save(tiny_networks.depth_anything(), tmp_path / "models", NAME)
    first = run(request(**SMALL), tmp_path)
    (entry,) = depths(tmp_path).values()
    assert entry.source == NAME
    assert entry.depth.shape == (72, 96)
    assert first.report["gaussians"] > 500
    run(request(**SMALL), tmp_path)
    assert len(depths(tmp_path)) == 1
    tiny_networks.change_config(folder, head_in_index=2)
    run(request(**SMALL), tmp_path)
    maps = [entry.depth for entry in depths(tmp_path).values()]
    assert len(maps) == 2
    assert not np.allclose(*maps)


def test_a_missing_network_is_named_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "models"))
    with pytest.raises(LivescapeError) as caught:
        run(request(**SMALL), tmp_path)
    assert caught.value.code == "model_missing"
    assert not list(tmp_path.glob(f"*{SUFFIX}"))
