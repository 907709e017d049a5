"""The transformers families: tiny random networks through the code that runs the real ones."""

import json
import sys

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from tests.contexts import here
from tests.depth import tiny_networks
from tests.depth.landscape import SIZE, K, layout, photo

from livescape.context.environment import MODELS as VARIABLE
from livescape.depth.depth_estimators import DepthInputs, estimate_depth, estimator_identity
from livescape.depth.networks import depth_anything_v2, depth_pro, zoedepth
from livescape.depth.networks.images import (
    CENTRED,
    IMAGENET,
    normalise,
    resize,
    size_near,
    to_tensor,
)
from livescape.depth.networks.zoedepth import padded_run
from livescape_shared.errors import LivescapeError

pytestmark = pytest.mark.usefixtures("own_networks")

FAMILIES = {
    "depth_anything_v2": tiny_networks.depth_anything,
    "zoedepth": tiny_networks.zoedepth,
    "depth_pro": tiny_networks.depth_pro,
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name, make in FAMILIES.items():
        tiny_networks.save(make(), folder, name)
    return folder


@pytest.fixture
def models(saved, monkeypatch):
    """The saved models, which must be opened without any network."""
    monkeypatch.setenv(VARIABLE, str(saved))
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("the network was asked"))
    return saved


@pytest.fixture
def own(saved, tmp_path, monkeypatch):
    """A copy of one model that a test may spoil."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))

    def copy(name):
        (tmp_path / name).mkdir()
        for path in (saved / name).iterdir():
            (tmp_path / name / path.name).write_bytes(path.read_bytes())
        return tmp_path / name

    return copy


def refused(name):
    with pytest.raises(LivescapeError) as caught:
        estimate_depth(here(), DepthInputs(photo(), K, layout()), name)
    return caught.value


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_every_family_gives_usable_depth_at_the_photos_size(models, name):
    estimate = estimate_depth(here(), DepthInputs(photo(), K, layout()), name)
    assert (estimate.depth.shape, estimate.source) == (SIZE, name)
    assert estimate.depth[estimate.sky].min() > estimate.depth[~estimate.sky].max()


def test_what_the_relative_network_calls_near_is_near(models):
    raw = depth_anything_v2.predict(here(), photo(), K)
    assert raw.unit == "inverse"
    assert np.ptp(raw.values) > 3.0
    estimate = estimate_depth(here(), DepthInputs(photo(), K, layout()), "depth_anything_v2")
    rows = (np.arange(SIZE[0]) + 0.5) * raw.values.shape[0] / SIZE[0]
    columns = (np.arange(SIZE[1]) + 0.5) * raw.values.shape[1] / SIZE[1]
    there = raw.values[np.ix_(rows.astype(int), columns.astype(int))]
    order = spearmanr(there[~estimate.sky], estimate.depth[~estimate.sky]).statistic
    assert order < -0.8


def test_a_metric_checkpoint_of_the_relative_family_gives_metres(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    tiny_networks.save(tiny_networks.depth_anything(metric=True), tmp_path, "depth_anything_v2")
    raw = depth_anything_v2.predict(here(), photo(), K)
    assert raw.unit == "metres"
    assert raw.values.mean() == pytest.approx(40.0, rel=0.01)  # a random sigmoid, times 80


def test_the_canonical_network_knows_the_camera(models):
    near, far = (
        depth_pro.predict(here(), photo(), np.diag([f, f, 1.0])).values for f in (100.0, 200.0)
    )
    finite = far < 9000.0
    assert finite.any()
    np.testing.assert_allclose(far[finite], 2.0 * near[finite], rtol=1e-4)
    metres = depth_pro.canonical_to_metres(np.array([[0.5, 0.0, -1.0]]), 160, K)
    np.testing.assert_allclose(metres, [[2.0 * 140 / 160, 1e4, 1e4]], rtol=1e-6)


@pytest.mark.parametrize("size", [(120, 160), (161, 97), (64, 64)])
def test_zoedepth_cuts_its_padding_off_again(size):
    """A network that returns the brightness it is shown must return the photo, pixel on pixel."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    ramp = (0.3 + 0.4 * rows / size[0] + 0.2 * columns / size[1]).astype(np.float32)
    image = torch.from_numpy(np.repeat(ramp[None, None], 3, axis=1))

    class Brightness:
        def __init__(self, predicted_depth):
            self.predicted_depth = predicted_depth

    def network(pixel_values):
        return Brightness((0.5 * pixel_values + 0.5).mean(dim=1))

    found = padded_run(network, image).numpy()
    np.testing.assert_allclose(found[4:-4, 4:-4], ramp[4:-4, 4:-4], atol=0.01)


def test_zoedepth_is_the_mean_with_its_mirror_image(models, monkeypatch):
    monkeypatch.setattr(zoedepth, "TARGET", (96, 128))
    image = photo()
    there = zoedepth.predict(here(), image, K).values
    mirrored = zoedepth.predict(here(), image[:, ::-1].copy(), K).values[:, ::-1]
    np.testing.assert_allclose(there, mirrored, rtol=1e-5)
    assert ((there > 0.0) & (there < 80.0)).all()


def test_images_are_prepared_as_the_library_prepares_them(models):
    from transformers.models.dpt.image_processing_pil_dpt import DPTImageProcessorPil
    from transformers.models.zoedepth.image_processing_pil_zoedepth import (
        ZoeDepthImageProcessorPil,
    )

    pixels = np.round(photo() * 255).astype(np.uint8)
    seen = []

    def network(pixel_values):
        seen.append(pixel_values)
        return type("Output", (), {"predicted_depth": pixel_values[:, 0]})

    padded_run(network, to_tensor(pixels.astype(np.float32) / 255))
    library = ZoeDepthImageProcessorPil(ensure_multiple_of=32)(pixels, return_tensors="pt")
    np.testing.assert_allclose(seen[0], library["pixel_values"], atol=1e-4)
    library = DPTImageProcessorPil(
        size={"height": 518, "width": 518},
        keep_aspect_ratio=True,
        ensure_multiple_of=14,
        resample=3,
        image_mean=IMAGENET[0],
        image_std=IMAGENET[1],
    )(pixels, return_tensors="pt")["pixel_values"]
    size = size_near(SIZE, (518, 518), 14)
    mine = resize(to_tensor(pixels.astype(np.float32) / 255), size, "bicubic", antialias=True)
    mine = normalise(mine.clamp(0.0, 1.0), IMAGENET)
    assert mine.shape == library.shape
    # The library rounds to 8 bits, and clips between the two axes.
    assert np.quantile((mine - library).abs(), 0.999) < 0.02


@pytest.mark.parametrize("size", [(480, 640), (720, 1280), (300, 200), (2000, 500), (30, 40)])
def test_sizes_are_the_librarys(size):
    from transformers.models.zoedepth.image_processing_pil_zoedepth import (
        get_resize_output_image_size,
    )

    for target, multiple in (((384, 512), 32), ((518, 518), 14)):
        image = np.empty((3, *size), np.uint8)
        wanted = get_resize_output_image_size(image, target, True, multiple, "channels_first")
        assert size_near(size, target, multiple) == tuple(map(int, wanted))


def test_normalising_is_plain():
    image = torch.full((1, 3, 2, 2), 0.75)
    np.testing.assert_allclose(normalise(image, CENTRED), np.full((1, 3, 2, 2), 0.5), atol=1e-7)


def test_a_missing_model_names_licence_size_and_remedy(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    error = refused("depth_pro")
    assert error.code == "model_missing"
    assert "livescape models fetch depth_pro" in error.hint
    assert estimator_identity(here(), "popup") == ""


def test_a_missing_package_is_named(models, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    error = refused("zoedepth")
    assert error.code == "package_missing"
    assert "livescape[models]" in error.hint


def test_damaged_weights_are_one_sentence(own):
    folder = own("depth_anything_v2")
    weights = (folder / "model.safetensors").read_bytes()
    for spoilt in (b"", b"not weights at all", weights[: len(weights) // 2]):
        (folder / "model.safetensors").write_bytes(spoilt)
        error = refused("depth_anything_v2")
        assert error.code == "model_unreadable"
        assert "\n" not in error.message


@pytest.mark.parametrize("text", ["", "[]", '{"model_type": "dpt"}', "{" * 50, '"text"'])
def test_a_folder_of_another_network_is_refused(own, text):
    (own("depth_anything_v2") / "config.json").write_text(text)
    assert refused("depth_anything_v2").code == "model_unreadable"


def test_a_config_that_does_not_fit_its_weights_is_refused(own):
    folder = own("depth_anything_v2")
    tiny_networks.change_config(folder, fusion_hidden_size=12)
    assert refused("depth_anything_v2").code == "model_unreadable"
    tiny_networks.change_config(folder, fusion_hidden_size="many")
    assert refused("depth_anything_v2").code == "model_unreadable"


def test_weights_that_lack_a_tensor_are_refused_rather_than_made_up(own):
    from safetensors.torch import load_file, save_file

    folder = own("depth_anything_v2")
    tensors = load_file(folder / "model.safetensors")
    name = "head.conv2.weight"
    save_file(
        {key: value for key, value in tensors.items() if key != name},
        folder / "model.safetensors",
        metadata={"format": "pt"},
    )
    error = refused("depth_anything_v2")
    assert error.code == "model_unreadable"
    assert name in error.message


def test_code_and_downloads_that_a_config_asks_for_do_not_happen(own, monkeypatch):
    folder = own("depth_anything_v2")
    (folder / "evil.py").write_text("raise SystemExit('this ran')")
    tiny_networks.change_config(folder, auto_map={"AutoModelForDepthEstimation": "evil.Model"})
    assert estimate_depth(here(), DepthInputs(photo(), K, layout()), "depth_anything_v2").source
    tiny_networks.change_config(folder, backbone="someone/else", use_pretrained_backbone=True)
    assert refused("depth_anything_v2").code == "model_unreadable"


def test_another_model_folder_is_another_identity(own):
    folder = own("zoedepth")
    first = estimator_identity(here(), "zoedepth")
    (folder / "config.json").write_text(json.dumps({"model_type": "zoedepth"}))
    assert estimator_identity(here(), "zoedepth") != first
