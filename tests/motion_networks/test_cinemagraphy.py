import pytest
import torch
from tests.motion_networks.support import hash_fill, published_keys, tensors

from livescape.motion.networks.cinemagraphy import load_cinemagraphy
from livescape.motion.networks.cinemagraphy_decoder import ImageDecoder
from livescape.motion.networks.cinemagraphy_features import BatchNorm, FeatureNetwork
from livescape.networks.weights import load_weights
from livescape_shared.errors import LivescapeError


def filled(network, listing):
    """Load the weights of the vectors' rule under the names of the published file."""
    state = {f"net.{key}": hash_fill(key, shape) for key, shape in published_keys(listing).items()}
    load_weights(network, state, ["net."])
    return network


@pytest.fixture(scope="module")
def decoder():
    with torch.device("meta"):
        network = ImageDecoder()
    return filled(network, "3dcine_img_decoder")


@pytest.fixture(scope="module")
def vectors():
    return tensors("3dcine_feature_decoder_rule")


def test_features_match_the_reference_vector(vectors):
    with torch.device("meta"):
        network = FeatureNetwork()
    with torch.inference_mode():
        found = filled(network, "3dcine_feature_net")(vectors["feature_in"])
    error = (found - vectors["feature_out"]).abs().max() / vectors["feature_out"].abs().max()
    assert error < 1e-5


def test_decoder_matches_the_reference_vector(vectors, decoder):
    with torch.inference_mode():
        found = decoder(vectors["dec_in0"], vectors["dec_in1"], 0.3)
    torch.testing.assert_close(found, vectors["dec_out"], atol=2e-6, rtol=0)


def test_both_networks_stand_in_one_published_file(tmp_path):
    listings = {"feature_net": "3dcine_feature_net", "img_decoder": "3dcine_img_decoder"}
    content = {
        section: {
            key: torch.tensor(0.0).expand(shape) for key, shape in published_keys(name).items()
        }
        for section, name in listings.items()
    }
    path = tmp_path / "model_150000.pth"
    torch.save(content | {"netD": {"x": torch.ones(1)}, "schedG": {"last_epoch": 3}}, path)
    features, decoder = load_cinemagraphy(path)
    assert not features.conv1.weight.any()
    assert float(decoder.alpha) == 0.0
    torch.save({"feature_net": content["feature_net"]}, path)
    with pytest.raises(LivescapeError, match="it lacks alpha"):
        load_cinemagraphy(path)


def test_blend_at_the_ends_is_each_side_and_ignores_what_is_transparent(vectors, decoder):
    start, end = vectors["dec_in0"].clone(), vectors["dec_in1"]
    start[:, 3] = start[:, 3].clamp(min=0.1)
    with torch.inference_mode():
        torch.testing.assert_close(decoder.blend(start, end, 0.0), start)
        start[:, 3, :8] = 0
        mixed = decoder.blend(start, end.clamp(min=0.01), 0.5)
        torch.testing.assert_close(mixed[:, :, :8], end.clamp(min=0.01)[:, :, :8])


def test_batch_norm_takes_the_batch_in_evaluation_too():
    batch = torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(0)) * 5 + 2
    found = BatchNorm(3).eval()(batch)
    assert found.mean((0, 2, 3)).abs().max() < 1e-5
    assert (found.std((0, 2, 3)) - 1).abs().max() < 1e-2


def test_impossible_sizes_are_refused(decoder):
    with pytest.raises(ValueError, match="16 i"):
        FeatureNetwork()(torch.zeros(1, 4, 40, 32))
    with pytest.raises(ValueError, match="32 i"):
        decoder(torch.zeros(1, 37, 40, 32), torch.zeros(1, 37, 40, 32), 0.5)
    with pytest.raises(ValueError, match="sides"):
        decoder(torch.zeros(1, 37, 32, 32), torch.zeros(1, 36, 32, 32), 0.5)
