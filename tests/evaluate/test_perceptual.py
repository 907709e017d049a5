"""ST-LPIPS: the network against the published one's value, and where its weights are found."""

import cv2
import numpy as np
import pytest
import torch

from livescape.evaluate import perceptual
from livescape.evaluate.perceptual import PerceptualDistance

PUBLISHED = 0.0437213
"""What ``stlpips_pytorch.stlpips.LPIPS`` gives for :func:`pictures` with :func:`weights`."""


def weights():
    """Random weights of the published names and shapes, the differences' not below zero."""
    random = np.random.default_rng(11)
    shapes = {"slice1.0": (64, 3, 11), "slice2.5": (192, 64, 5), "slice3.9": (384, 192, 3),
              "slice4.11": (256, 384, 3), "slice5.13": (256, 256, 3)}  # fmt: skip
    state = {"scaling_layer.shift": np.array([-0.03, -0.088, -0.188]).reshape(1, 3, 1, 1),
             "scaling_layer.scale": np.array([0.458, 0.448, 0.45]).reshape(1, 3, 1, 1)}  # fmt: skip
    for number, (name, (out, inside, side)) in enumerate(shapes.items()):
        spread = (2.0 / (inside * side**2)) ** 0.5
        state[f"net.{name}.weight"] = spread * random.standard_normal((out, inside, side, side))
        state[f"net.{name}.bias"] = 0.1 * random.standard_normal(out)
        state[f"lin{number}.model.1.weight"] = random.random((1, out, 1, 1))
    kernel = np.outer([1, 2, 1], [1, 2, 1]) / 16
    for name, channels in {"slice1.1": 64, "slice2.4": 64, "slice3.8": 192}.items():
        state[f"net.{name}.filt"] = np.tile(kernel, (channels, 1, 1, 1))
    return {name: torch.from_numpy(np.float32(values)) for name, values in state.items()}


def pictures():
    random = np.random.default_rng(5)
    image = cv2.GaussianBlur(random.random((72, 96, 3)), (0, 0), 2.0)
    image = (image - image.min()) / (image.max() - image.min())
    noisy = np.clip(image + 0.1 * random.standard_normal(image.shape), 0, 1)
    return image.astype(np.float32), noisy.astype(np.float32)


@pytest.fixture(autouse=True)
def _forgotten():
    yield
    perceptual.perceptual_distance.cache_clear()


def test_the_network_is_the_published_one():
    image, noisy = pictures()
    distance = PerceptualDistance(weights())
    assert distance(image, noisy) == pytest.approx(PUBLISHED, rel=1e-4)
    assert distance(image, image) == 0


def test_weights_are_taken_from_the_package_without_running_it(tmp_path, monkeypatch):
    package = tmp_path / perceptual.PACKAGE
    (package / perceptual.WEIGHTS.parent).mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('its code is not to be run')\n")
    torch.save(weights(), package / perceptual.WEIGHTS)
    monkeypatch.syspath_prepend(tmp_path)
    perceptual.perceptual_distance.cache_clear()
    image, noisy = pictures()
    assert perceptual.perceptual_distance()(image, noisy) == pytest.approx(PUBLISHED, rel=1e-4)


def test_without_the_package_nothing_is_measured(monkeypatch):
    monkeypatch.setattr(perceptual, "PACKAGE", "a_package_that_is_not_there")
    perceptual.perceptual_distance.cache_clear()
    assert perceptual.perceptual_distance() is None
