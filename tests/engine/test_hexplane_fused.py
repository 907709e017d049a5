"""The fused HexPlane against the plain one: values, gradients, threads."""

import pytest
import torch

from livescape.engine.hexplane import HexPlane, HexPlaneShape, locate
from livescape.engine.threads import set_thread_count

TIMES = torch.tensor([-1.0, -0.37, 0.0, 0.5, 1.0])


def drawn(channels=20, count=300):
    """A HexPlane without zeros or symmetry, and points of which some lie outside its box."""
    generator = torch.Generator().manual_seed(3)
    hexplane = HexPlane(HexPlaneShape((6, 5, 7, 9), (1, 2), channels))
    with torch.no_grad():
        for plane in hexplane.planes:
            plane.uniform_(0.2, 1.5, generator=generator)
    return hexplane, torch.rand(count, 3, generator=generator) * 2.4 - 1.2


@pytest.mark.parametrize("channels", [1, 16, 20, 32])
def test_values_and_gradients_are_the_plain_ones(channels):
    hexplane, points = drawn(channels)
    fused = locate(hexplane, points).features(hexplane, TIMES)
    plain = torch.stack([hexplane(points, time) for time in TIMES])
    torch.testing.assert_close(fused, plain, rtol=1e-5, atol=1e-5)
    weight = torch.randn(plain.shape, generator=torch.Generator().manual_seed(4))
    planes = list(hexplane.planes)
    wanted = torch.autograd.grad((plain * weight).sum(), planes)
    found = torch.autograd.grad((fused * weight).sum(), planes)
    for ours, theirs in zip(found, wanted, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5 * float(theirs.abs().max()))


def test_same_bits_for_any_number_of_threads():
    hexplane, points = drawn(channels=32, count=2000)
    located = locate(hexplane, points)
    results = []
    try:
        for threads in (1, 2, 4):
            set_thread_count(threads)
            features = located.features(hexplane, TIMES)
            results.append([features, *torch.autograd.grad(features.sum(), list(hexplane.planes))])
    finally:
        set_thread_count(None)
    for other in results[1:]:
        assert all(torch.equal(a, b) for a, b in zip(results[0], other, strict=True))


def test_a_choice_of_points_is_located_as_alone():
    hexplane, points = drawn()
    chosen = torch.tensor([5, 3, 200]).numpy()
    part = locate(hexplane, points)[chosen].features(hexplane, TIMES)
    alone = locate(hexplane, points[chosen]).features(hexplane, TIMES)
    assert len(locate(hexplane, points)[chosen]) == 3
    assert torch.equal(part, alone)


def test_no_points_have_no_features():
    hexplane, points = drawn(count=0)
    features = locate(hexplane, points).features(hexplane, TIMES)
    assert features.shape == (5, 0, 40)
    features.sum().backward()
    assert all((plane.grad == 0).all() for plane in hexplane.planes)


def test_points_of_another_shape_are_refused():
    hexplane, _ = drawn()
    with pytest.raises(ValueError, match=r"\[N, 3\]"):
        locate(hexplane, torch.zeros(4, 2))
