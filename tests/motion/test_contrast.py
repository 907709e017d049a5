"""Cross-faded copies of a texture keep its contrast."""

from dataclasses import replace

import numpy as np
import pytest
from tests.deform.support import HEIGHT, VIEW, WIDTH

from livescape.cameras.projection import unproject_image
from livescape.engine.splat import symmetric_splat
from livescape.motion.animate import animate
from livescape.motion.contrast import local_mean, raised, similarity
from livescape.stages.animate import AnimatedView, middle_colors
from livescape_shared.gaussians import Gaussians

SIZE, LOOP = 160, 24
RNG = np.random.default_rng(3)
IMAGE = (0.5 + 0.08 * RNG.normal(size=(SIZE, SIZE, 3))).clip(0, 1).astype(np.float32)
MASK = np.ones((SIZE, SIZE), np.float32)
FLOW = np.tile(np.array([2.0, 0.0], np.float32), (SIZE, SIZE, 1))
INNER = (slice(40, 120), slice(60, 100))


def contrast(image):
    return float(image[INNER].std())


@pytest.mark.parametrize("frame", [4, 12, 18])
def test_the_mix_is_as_lively_as_the_image(frame):
    (mixed,) = animate(IMAGE, FLOW, MASK, [frame], LOOP)
    there, back = FLOW * frame, -FLOW * (LOOP - frame)
    plain, _ = symmetric_splat(IMAGE, there, back, frame / LOOP)
    assert contrast(plain) < 0.88 * contrast(IMAGE)
    assert contrast(mixed) == pytest.approx(contrast(IMAGE), rel=0.06)
    np.testing.assert_allclose(mixed[INNER].mean(), IMAGE[INNER].mean(), atol=4e-3)


def test_what_hardly_moves_meets_itself_and_is_left_alone():
    slow = similarity(FLOW * 1e-3, LOOP)
    assert slow.min() > 0.99
    assert similarity(FLOW, LOOP).max() < 1e-3
    mean = local_mean(IMAGE, MASK)
    np.testing.assert_allclose(raised(IMAGE, mean, slow, 0.5), IMAGE, atol=2e-3)
    np.testing.assert_array_equal(raised(IMAGE, mean, np.zeros_like(slow), 0.0), IMAGE)


def test_the_local_mean_knows_only_what_moves():
    mask = MASK.copy()
    mask[:, : SIZE // 2] = 0.0
    image = IMAGE.copy()
    image[:, : SIZE // 2] = 0.0
    mean = local_mean(image, mask)
    assert np.abs(mean[:, SIZE // 2 :].mean() - 0.5) < 0.02
    np.testing.assert_array_equal(mean[:, : SIZE // 2], 0.0)


def test_gaussians_take_the_raised_colours_of_what_moves_and_only_there():
    view = AnimatedView(VIEW, photo(), flow(), half(), half())
    points = unproject_image(np.full((HEIGHT, WIDTH), 6.0, np.float32), VIEW).reshape(-1, 3)
    colors = photo().reshape(-1, 3)
    count = len(points)
    cloud = Gaussians(
        points, np.tile([1.0, 0, 0, 0], (count, 1)), np.ones((count, 3)), np.ones(count), colors
    )
    middle = middle_colors(cloud, view, LOOP).reshape(HEIGHT, WIDTH, 3)
    still, moving = np.s_[:, : WIDTH // 2 - 2], np.s_[:, WIDTH // 2 + 2 :]
    np.testing.assert_array_equal(middle[still], photo()[still])
    assert middle[moving].std() > 1.2 * photo()[moving].std()
    behind = replace(cloud, means=2 * VIEW.position - cloud.means)
    np.testing.assert_allclose(middle_colors(behind, view, LOOP), colors, atol=1e-7)


def photo():
    return IMAGE[:HEIGHT, :WIDTH]


def half():
    return (np.arange(WIDTH) >= WIDTH // 2).astype(np.float32)[None].repeat(HEIGHT, 0)


def flow():
    return FLOW[:HEIGHT, :WIDTH] * half()[..., None]
