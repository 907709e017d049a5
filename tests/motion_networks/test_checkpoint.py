import pytest
import torch
from tests.data.files import published_keys
from torch import nn

from livescape.motion.network_flow import MOTION_PREFIXES
from livescape.networks.architectures.spade_unet import SpadeUNet
from livescape.networks.weights import load_weights
from livescape_shared.errors import LivescapeError


def tiny():
    return nn.ModuleDict({"one": nn.Conv2d(2, 3, 3), "two": nn.Linear(4, 5)})


def state(prefix=""):
    generator = torch.Generator().manual_seed(0)
    return {
        prefix + name: torch.randn(value.shape, generator=generator)
        for name, value in tiny().state_dict().items()
    }


def normalised(prefix=""):
    """The same weights as torch's spectral norm stores them, and what it computes of them."""
    network = tiny()
    network.load_state_dict(state())
    nn.utils.spectral_norm(network["one"])
    network["one"](torch.ones(1, 2, 5, 5))  # one power iteration
    network.eval()
    stored = {prefix + name: value.clone() for name, value in network.state_dict().items()}
    return stored, network["one"]


def mismatch(tensors_, prefixes=("",), network=None):
    with pytest.raises(LivescapeError) as caught:
        load_weights(network or tiny(), tensors_, prefixes)
    assert caught.value.code == "checkpoint_mismatch"
    return caught.value.message


def test_the_fitting_prefix_is_found():
    network, files = tiny(), state("b.") | {"other.one.weight": torch.zeros(1), "b_": torch.ones(1)}
    load_weights(network, files, ("a.", "b.", ""))
    assert torch.equal(network["two"].weight, files["b.two.weight"])


def test_spectral_norm_is_divided_out():
    stored, layer = normalised("net.")
    network = tiny()
    load_weights(network, stored, ("net.",))
    image = torch.rand(1, 2, 6, 6)
    torch.testing.assert_close(network["one"](image), layer(image))
    sigma = torch.linalg.matrix_norm(network["one"].weight.flatten(1), ord=2)
    assert sigma < 2  # after one power iteration u and v are near the singular vectors
    assert not torch.allclose(network["one"].weight, stored["net.one.weight_orig"])


def test_missing_and_odd_tensors_are_named():
    files = state()
    del files["two.weight"]
    files |= {f"odd{number}": torch.zeros(1) for number in range(5)}
    message = mismatch(files)
    assert "it lacks the tensors two.weight" in message
    assert "unknown tensors odd0, odd1, odd2 and 2 more" in message


def test_ignored_names_are_not_odd():
    load_weights(tiny(), state() | {"x.counter": torch.ones(1)}, ("",), ignored=r"\.counter$")
    mismatch(state() | {"x.counter": torch.ones(1)})


def test_another_shape_is_named_before_it_is_used():
    vast = torch.zeros(1).expand(1 << 20, 1 << 20)  # a few bytes in a file, 4 TiB once copied
    message = mismatch(state() | {"two.weight": vast})
    assert "two.weight has the shape (1048576, 1048576) instead of (5, 4)" in message


def test_values_must_be_finite():
    message = mismatch(state() | {"two.bias": torch.full((5,), torch.nan)})
    assert "two.bias" in message


def test_incomplete_spectral_norm():
    stored, _ = normalised()
    stored["one.weight_u"] = torch.ones(4)
    assert "spectral norm of one.weight" in mismatch(stored)
    del stored["one.weight_u"]
    message = mismatch(stored)
    assert "lacks the tensors one.weight" in message
    assert "unknown tensors one.weight_orig, one.weight_v" in message


def test_a_smaller_network_does_not_fit_the_large_one():
    small = SpadeUNet(8).state_dict()
    assert "shape (8, 6, 4, 4) instead of (32, 6, 4, 4)" in mismatch(small, network=SpadeUNet())


@pytest.mark.parametrize(
    ("listing", "section"),
    [
        ("3dcine_sceneflow_netG", "netG."),
        ("slrsfs_motion2_standalone_full", "state_dict."),
        ("slrsfs_baseline2_motion2_joint_full", "state_dict."),
        ("slrsfs_motion2_inner", ""),
    ],
)
def test_every_published_layout_holds_the_motion_network(listing, section):
    shapes = published_keys(listing)
    files = {section + key: torch.tensor(0.01).expand(shape) for key, shape in shapes.items()}
    with torch.device("meta"):
        network = SpadeUNet()
    load_weights(network, files, MOTION_PREFIXES)
    assert not any(value.is_meta for value in network.state_dict().values())


def test_the_wrong_published_file_is_refused():
    files = {
        key: torch.tensor(0.0).expand(shape)
        for key, shape in published_keys("3dcine_feature_net").items()
    }
    message = mismatch(files, MOTION_PREFIXES, SpadeUNet())
    assert "it lacks the tensors conv1.weight" in message
