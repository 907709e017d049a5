"""Water beside what stands keeps nearer to its own colour than all else while it is fitted."""

import numpy as np
import pytest
from tests.pipeline.support import camera, request, run

from livescape.stages import gaussians
from livescape_shared.camera import CameraPath


def test_only_what_flows_beside_what_stands_is_held_nearer_to_its_colour(tmp_path, monkeypatch):
    seen, fit = [], gaussians.fit

    def watched(initial, *args, **settings):
        result = fit(initial, *args, **settings)
        if "lying" in settings:
            seen.append((initial, result, settings))
        return result

    monkeypatch.setattr(gaussians, "fit", watched)
    run(request(seed=23, loop="off", density="fixed"), tmp_path)
    ((initial, result, settings),) = seen
    widths = (settings["bounds"][:, 1] - settings["bounds"][:, 0]).max(axis=1)
    near = widths < gaussians.COLOR_REACH
    flowing = settings["flowing"]
    assert 10 < near.sum() < 0.5 * flowing.sum()
    assert not near[~flowing].any()
    change = np.abs(result.gaussians.colors - initial.colors).max(axis=1)
    assert 0.5 * gaussians.BESIDE_REACH < change[near].max() <= gaussians.BESIDE_REACH + 1e-6
    assert change[flowing & ~near].max() > gaussians.BESIDE_REACH


@pytest.mark.parametrize("metres", [0.0, 1.0])
def test_what_the_path_parts_is_not_overdrawn(tmp_path, monkeypatch, metres):
    held, as_photo = [], gaussians.as_photo

    def watched(wide, others, image, view, bounds, *args, **settings):
        held.append(bounds.held)
        return as_photo(wide, others, image, view, bounds, *args, **settings)

    monkeypatch.setattr(gaussians, "as_photo", watched)
    path = CameraPath(camera(), (camera(), camera(metres)), (1, 2))
    run(request(path, loop="off"), tmp_path)
    (found,) = held
    assert found.any() == (metres > 0.0)
    assert found.sum() < 0.3 * len(found)
