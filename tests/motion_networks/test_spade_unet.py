import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tests.motion_networks.support import full_motion_state, tensors

from livescape.networks.architectures.spade_unet import Spade, SpadeUNet, mixed_resize
from livescape.networks.weights import load_weights


def test_full_network_matches_the_reference_vector():
    vectors = tensors("3dcine_motion_full_256_rule")
    network = SpadeUNet()
    load_weights(network, full_motion_state(), ["motion_predictor."])
    condition = torch.cat([vectors[name] for name in ("image", "mask", "hint")], dim=1)
    with torch.inference_mode():
        found = network(condition)
    error = (found - vectors["output"]).abs().max() / vectors["output"].abs().max()
    assert error < 1e-5


def test_full_network_has_the_published_size():
    count = sum(parameter.numel() for parameter in SpadeUNet().parameters())
    norms = sum(
        value.numel()
        for name, value in full_motion_state().items()
        if name.endswith(("weight_u", "weight_v"))
    )
    assert count + norms == 15_613_412


def test_channel_three_keeps_its_values_and_the_others_do_not():
    features = torch.rand(1, 6, 4, 4, generator=torch.Generator().manual_seed(0))
    resized = mixed_resize(features, 8, 8)
    assert torch.equal(
        resized[:, 3], features[:, 3].repeat_interleave(2, 1).repeat_interleave(2, 2)
    )
    rest = [0, 1, 2, 4, 5]
    plain = F.interpolate(features, scale_factor=2, mode="bilinear", align_corners=False)
    torch.testing.assert_close(resized[:, rest], plain[:, rest])


def test_spade_normalises_by_its_definition():
    generator = torch.Generator().manual_seed(1)
    layer = Spade(5)
    features = torch.randn(2, 5, 8, 8, generator=generator)
    condition = torch.randn(2, 6, 8, 8, generator=generator)
    with torch.inference_mode():
        found = layer(features, condition)
        hidden = layer.mlp_shared[0](condition).clamp(min=0)
        gain, bias = 1 + layer.mlp_gamma(hidden), layer.mlp_beta(hidden)
        mean = features.mean((2, 3), keepdim=True)
        spread = features.var((2, 3), keepdim=True, unbiased=False)
        expected = (features - mean) / torch.sqrt(spread + 1e-5) * gain + bias
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 6, 256, 200), (1, 5, 256, 256)])
def test_impossible_sizes_are_refused(shape):
    with pytest.raises(ValueError, match="condition"):
        SpadeUNet(4)(torch.zeros(shape))
