"""What a splat file holds against what it should, and how one is refused."""

import numpy as np
import pytest
from tests.shared.splat_samples import covariances

from livescape_shared.errors import LivescapeError
from livescape_shared.formats.load import load_splats, to_blender
from livescape_shared.splats import Splats


def upright(path):
    found = load_splats(path)
    assert found.dropped == 0
    return found.splats.transformed(np.array(to_blender(found)))


def paired(found, wanted):
    """Return what was wanted in the order in which it was found, each the nearest."""
    distances = np.linalg.norm(
        found.gaussians.means[:, None] - wanted.gaussians.means[None], axis=2
    )
    order = distances.argmin(axis=1)
    assert len(set(order)) == len(wanted) == len(found)
    return Splats(wanted.gaussians[order], wanted.harmonics[order])


def assert_same(found, wanted, limits):
    position, color, shape, rest = limits
    wanted = paired(found, wanted)
    np.testing.assert_allclose(found.gaussians.means, wanted.gaussians.means, atol=position)
    shown = found.gaussians.opacities > 0.0  # WebP writers drop the colour of what is transparent
    off = np.abs(found.gaussians.colors - wanted.gaussians.colors)[shown]
    assert off.max() < color
    np.testing.assert_allclose(found.gaussians.opacities, wanted.gaussians.opacities, atol=0.005)
    true = covariances(wanted.gaussians)
    off = np.abs(covariances(found.gaussians) - true).max(axis=(1, 2)) / np.abs(true).max((1, 2))
    assert off.max() < shape
    known = found.harmonics.shape[1]
    np.testing.assert_allclose(found.harmonics, wanted.harmonics[:, :known], atol=rest)


def refusal(path):
    with pytest.raises(LivescapeError) as caught:
        load_splats(path)
    assert path.name in caught.value.message
    return caught.value.code
