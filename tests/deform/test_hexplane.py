"""The plain HexPlane and decoder against the released codes, and what was wrong with those."""

import pytest
import torch
from tests.deform.hexplane_support import VECTOR_NAMES, vector_tensors
from tests.deform.released import row_roughness, time_sparsity, to_box

from livescape.deform.decoder import HEADS, Decoder
from livescape.deform.regularise import total_variation
from livescape.engine.hexplane.reference import (
    PLANES,
    TIME,
    HexPlane,
    HexPlaneShape,
    time_rows,
)

TINY = HexPlaneShape(resolution=(6, 5, 7, 9), levels=(1, 2), channels=4)
TOLERANCE = 1e-6


def published_hexplane(vectors):
    hexplane = HexPlane(TINY)
    names = [f"state.deformation_net.grid.grids.{level}.{k}" for level in (0, 1) for k in range(6)]
    with torch.no_grad():
        for plane, name in zip(hexplane.planes, names, strict=True):
            plane.copy_(vectors[name])
    return hexplane


def published_decoder(vectors):
    names = {"means": "pos_deform", "quats": "rotations_deform", "scales": "scales_deform"}
    prefix = "state.deformation_net."
    state = {}
    for part in ("weight", "bias"):
        state[f"trunk.{part}"] = vectors[f"{prefix}feature_out.0.{part}"]
        for head, published in names.items():
            for layer in (1, 3):
                value = vectors[f"{prefix}{published}.{layer}.{part}"]
                state[f"heads.{head}.{layer}.{part}"] = value
    decoder = Decoder(TINY.features, width=16)
    decoder.load_state_dict(state)
    return decoder


@pytest.mark.parametrize("name", VECTOR_NAMES)
@pytest.mark.parametrize("time", ["0.00", "0.31", "1.00"])
def test_deforms_as_the_released_codes(name, time):
    vectors = vector_tensors(name)
    points = to_box(vectors["xyz"], vectors["aabb_min"], vectors["aabb_max"])
    with torch.no_grad():
        features = published_hexplane(vectors)(points, float(time))
        change = published_decoder(vectors)(features)
    drift = 7 * vectors["scene_flow"] if name.startswith("mom") else 0.0
    expected = {"means": "xyz", "quats": "rot", "scales": "scale"}
    torch.testing.assert_close(features, vectors[f"hexfeat_t{time}"], rtol=0, atol=TOLERANCE)
    for head, published in expected.items():
        deformed = vectors[published] + change[head] + (drift if head == "means" else 0.0)
        wanted = vectors[f"out_{published}_t{time}"]
        torch.testing.assert_close(deformed, wanted, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("name", VECTOR_NAMES)
def test_regularisers_of_the_released_codes(name):
    vectors = vector_tensors(name)
    hexplane = published_hexplane(vectors)
    space, time = row_roughness(hexplane)
    values = torch.stack([space, time, time_sparsity(hexplane)]).detach()
    wanted = torch.cat([vectors["reg_plane"], vectors["reg_time"], vectors["reg_l1time"]])
    torch.testing.assert_close(values, wanted, rtol=1e-6, atol=0)


@pytest.mark.parametrize("dimension", [2, 3])
def test_total_variation_sees_both_axes_of_every_plane(dimension):
    for index, axes in enumerate(PLANES):
        hexplane = HexPlane(HexPlaneShape((6, 5, 7, 9), (1,), 4))
        with torch.no_grad():
            for plane in hexplane.planes:
                plane.fill_(1.0)
            assert sum(total_variation(hexplane)) == 0.0
            stripe = hexplane.planes[index].narrow(dimension, 2, 1)
            stripe += 1.0
        space, time = total_variation(hexplane)
        along_time = TIME in axes and dimension == 2
        assert (time > 0) == along_time
        assert (space > 0) == (not along_time)


def test_every_moment_of_the_time_planes_is_used():
    hexplane = HexPlane(HexPlaneShape((4, 4, 4, 6), (1,), 3))
    points = torch.rand(200, 3, generator=torch.Generator().manual_seed(0)) * 2 - 1
    for phase in torch.linspace(-1, 1, 6):
        hexplane(points, phase).sum().backward()
    for axes, plane in zip(PLANES, hexplane.level(0), strict=True):
        if TIME in axes:
            assert (plane.grad.abs().sum(dim=(0, 1, 3)) > 0).all()


def test_rows_at_a_moment_are_those_of_the_plane():
    plane = torch.arange(5.0)[None, None, :, None].expand(1, 2, 5, 3)
    times, wanted = torch.tensor([-1.0, -0.25, 1.0]), [0.0, 1.5, 4.0]
    rows = time_rows(plane, times)
    assert rows.shape == (3, 3, 2)
    torch.testing.assert_close(rows[:, 0, 0], torch.tensor(wanted))


def test_new_decoder_moves_nothing():
    decoder = Decoder(8, 16, generator=torch.Generator().manual_seed(0))
    change = decoder(torch.rand(20, 8))
    assert {name: value.shape[1] for name, value in change.items()} == HEADS
    assert all((value == 0).all() for value in change.values())


@pytest.mark.parametrize(
    "values", [{"resolution": (4, 4, 1, 4)}, {"levels": ()}, {"channels": 0}, {"levels": (0,)}]
)
def test_empty_shapes_are_refused(values):
    with pytest.raises(ValueError, match=r"resolution|levels"):
        HexPlaneShape(**values)


def test_points_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"\[N, 3\]"):
        HexPlane(TINY)(torch.zeros(4, 2), 0.0)
