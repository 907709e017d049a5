"""What flows on a surface keeps its grain: fitting merges what stands, never that."""

import numpy as np
import pytest
from tests.pipeline.support import request, run

from livescape.stages import gaussians


@pytest.mark.parametrize("loop", ["on", "off"])
def test_what_flows_on_a_surface_is_merged_with_nothing(tmp_path, monkeypatch, loop):
    left, fit = [], gaussians.fit

    def watched(initial, *args, **settings):
        result = fit(initial, *args, **settings)
        if "lying" in settings:
            still_there = np.isin(np.arange(len(initial)), result.sources)
            left.append((still_there[settings["lying"]], still_there[~settings["flowing"]]))
        return result

    monkeypatch.setattr(gaussians, "fit", watched)
    run(request(seed=22, loop=loop, density="adaptive", fit_iterations=60), tmp_path)
    ((flowing, standing),) = left
    assert flowing.size > 200
    assert flowing.all()
    assert standing.mean() < 0.9
