"""The published integrations, against vectors of the authors' own code, every one of them."""

import re

import numpy as np
import pytest
import torch
from tests.data.files import load_vectors
from tests.engine.eulerian_variants import EULER_VARIANTS, integrate_variant
from tests.motion.support import channels_last

from livescape.engine.advect.reference import integrate
from livescape.networks.architectures.slrsfs import displacement_until_lost


def test_every_vector_of_every_variant_is_met():
    vectors = load_vectors("euler_integration")
    motion = channels_last(vectors["motion"])
    named = re.compile(r"(plain|slr|scg|cine)_(fwd|bwd)_N(\d+)(_visible)?")
    seen = set()
    for key, values in vectors.items():
        if key == "motion":
            continue
        variant, direction, steps, visible = named.fullmatch(key).groups()
        found = integrate_variant(motion, int(steps), variant, backward=direction == "bwd")
        if visible:
            np.testing.assert_array_equal(found[1], channels_last(values)[..., 0] > 0.5)
        else:
            np.testing.assert_allclose(found[0], channels_last(values), atol=2e-5, err_msg=key)
        seen.add(variant)
    assert seen == set(EULER_VARIANTS)


def swirl(height=40, width=56):
    y, x = np.mgrid[:height, :width].astype(np.float32)
    away = np.stack([x - width / 2, y - height / 2], axis=-1)
    return 0.04 * away + 0.08 * np.stack([-away[..., 1], away[..., 0]], axis=-1)


@pytest.mark.parametrize("backward", [False, True])
def test_inside_the_frame_three_of_them_are_one(backward):
    motion = 0.3137 * swirl()  # no whole halves, which may round to either side
    plain, visible = integrate_variant(motion, 8, backward=backward)
    assert 0.3 < visible.mean() <= 1.0
    np.testing.assert_array_equal(plain, integrate(motion, 8, backward=backward, lookup="nearest"))
    for variant in ("slr", "scg"):
        found, same = integrate_variant(motion, 8, variant, backward=backward)
        np.testing.assert_array_equal(same, visible)
        np.testing.assert_allclose(found[visible], plain[visible], atol=1e-4)


def test_what_is_lost_is_far_away_at_home_or_drifting():
    motion = swirl()
    _, visible = integrate_variant(motion, 9)
    lost = ~visible
    assert 0.2 < lost.mean() < 0.95
    far, home, drift = (integrate_variant(motion, 9, v)[0][lost] for v in ("slr", "scg", "cine"))
    assert (far == 57).all()
    assert (home == 0).all()
    assert (np.linalg.norm(drift, axis=-1) > np.linalg.norm(motion[lost], axis=-1)).all()


def test_cine_is_plain_without_its_first_step():
    motion = np.zeros((9, 30, 2), np.float32)
    motion[..., 0] = np.arange(30) % 2  # every other column moves by one
    plain = integrate_variant(motion, 1)[0]
    cine = integrate_variant(motion, 1, "cine")[0]
    assert (plain[4, 10, 0], plain[4, 11, 0]) == (0.0, 1.0)
    assert (cine[4, 10, 0], cine[4, 11, 0]) == (0.0, 0.0)  # both stand on a column that stands


def test_the_animator_s_integration_on_torch_is_the_same():
    motion = swirl()
    tensor = torch.from_numpy(motion).permute(2, 0, 1)
    found = displacement_until_lost(tensor, 9).permute(1, 2, 0).numpy()
    np.testing.assert_allclose(found, integrate_variant(motion, 9, "slr")[0], atol=1e-4)


def test_an_unknown_variant_is_a_mistake():
    with pytest.raises(ValueError, match="heun"):
        integrate_variant(swirl(), 1, "heun")
