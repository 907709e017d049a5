"""PSNR and SSIM against their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.ndimage import correlate1d

from livescape.engine.ssim import photometric_target
from livescape.engine.ssim import ssim_map as engine_ssim_map
from livescape.evaluate.metrics import PSNR_MAX, psnr, ssim, ssim_map


def pair(shape: tuple[int, ...] = (40, 52, 3)) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    reference = rng.random(shape)
    return np.clip(reference + 0.1 * rng.standard_normal(shape), 0, 1), reference


def ssim_by_definition(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    taps = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    taps /= taps.sum()

    def mean(values: np.ndarray) -> np.ndarray:
        rows = correlate1d(values, taps, axis=0, mode="constant")
        return correlate1d(rows, taps, axis=1, mode="constant")

    mx, my = mean(x), mean(y)
    vx, vy, vxy = mean(x * x) - mx**2, mean(y * y) - my**2, mean(x * y) - mx * my
    c1, c2 = 0.01**2, 0.03**2
    return (2 * mx * my + c1) * (2 * vxy + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))


def test_psnr_of_a_known_error() -> None:
    reference = np.full((4, 5, 3), 0.5)
    assert psnr(reference + 0.1, reference) == pytest.approx(20.0)
    assert psnr(reference, reference) == PSNR_MAX


def test_psnr_looks_only_through_the_mask() -> None:
    image, reference = pair()
    mask = np.zeros(image.shape[:2], bool)
    mask[:, :20] = True
    image[:, 20:] = 0.0
    expected = -10 * math.log10(np.mean((image[:, :20] - reference[:, :20]) ** 2))
    assert psnr(image, reference, mask) == pytest.approx(expected)


def test_ssim_is_its_definition_inside() -> None:
    image, reference = pair()
    expected = ssim_by_definition(image, reference)[5:-5, 5:-5].mean()
    assert ssim(image, reference) == pytest.approx(expected, abs=1e-12)
    assert ssim(reference, reference) == pytest.approx(1.0)


def test_ssim_uses_only_windows_inside_the_mask() -> None:
    image, reference = pair()
    mask = np.zeros(image.shape[:2], bool)
    mask[:, :30] = True
    image[:, 30:] = 0.0
    expected = ssim_by_definition(image, reference)[5:-5, 5:25].mean()
    assert ssim(image, reference, mask) == pytest.approx(expected, abs=1e-12)


def test_ssim_is_that_of_the_loss() -> None:
    image, reference = pair()
    target = photometric_target(torch.from_numpy(reference))
    trained = engine_ssim_map(torch.from_numpy(image), target).numpy()
    assert ssim_map(image, reference)[5:-5, 5:-5] == pytest.approx(trained[5:-5, 5:-5], abs=1e-12)


def test_a_mask_smaller_than_a_window_is_refused() -> None:
    image, reference = pair()
    mask = np.zeros(image.shape[:2], bool)
    mask[:10] = True
    with pytest.raises(ValueError, match="no 11 x 11 window"):
        ssim(image, reference, mask)


def test_wrong_input() -> None:
    image, reference = pair()
    with pytest.raises(ValueError, match="H, W, C"):
        psnr(image, reference[:10])
    with pytest.raises(ValueError, match="mask must be"):
        psnr(image, reference, np.ones((3, 3), bool))
    with pytest.raises(ValueError, match="no pixel"):
        psnr(image, reference, np.zeros(image.shape[:2], bool))
    with pytest.raises(ValueError, match="window fits"):
        ssim(image[:8], reference[:8])
