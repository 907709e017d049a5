"""The z-buffer in torch, here on the CPU, against the kernel: the same bits."""

import numpy as np
import pytest
from tests.engine.clouds import (
    ASIDE,
    CLOUDS,
    assert_sees_what_the_kernel_sees,
    repeated,
    scattered,
    surfaces,
)

from livescape.engine import zbuffer
from livescape.engine.zbuffer import PointRenderer
from livescape.engine.zbuffer.cpu import nearest_points


@pytest.mark.parametrize("pairs", [1 << 22, 9973])
@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_device_sees_what_the_kernel_sees(cloud, pairs):
    assert_sees_what_the_kernel_sees("cpu", cloud, pairs)


def test_of_equal_depths_the_first_wins():
    index, _ = nearest_points(*repeated(), ASIDE)
    assert 0 <= index.max() < len(scattered()[0]) // 8


def test_a_cloud_is_uploaded_once_for_all_cameras(monkeypatch):
    """To the renderer "cpu:0" is a device: only "cpu" itself goes to the kernel."""
    points, footprint = surfaces()
    seen = []

    def nearest(on_device, widths, camera):
        seen.append((on_device.data_ptr(), widths.data_ptr()))
        return zbuffer_torch_answer(on_device, widths, camera)

    zbuffer_torch_answer = zbuffer.cuda.nearest_points
    monkeypatch.setattr(zbuffer.cuda, "nearest_points", nearest)
    renderer = PointRenderer(points, footprint, "cpu:0")
    plain = PointRenderer(points, footprint, "cpu")
    values = np.random.default_rng(0).random((len(points), 5)).astype(np.float32)
    for view in (ASIDE, ASIDE.resized(80, 60)):
        found, expected = renderer.render(values, view), plain.render(values, view)
        for name in ("values", "depth", "valid"):
            np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert len(seen) == 2
    assert seen[0] == seen[1]
