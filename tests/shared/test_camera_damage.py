"""Damage of every kind in files of cameras: one sentence, or what is left of them."""

import numpy as np
import pytest
from tests.imaging.damage import refusal
from tests.imaging.inside_damage import damaged
from tests.shared.camera_samples import CODES, KINDS, camera_files

MUTATIONS = 80


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_one_sentence_or_nothing(kind, tmp_path):
    read, data = camera_files(tmp_path)[kind]
    read(data)
    rng = np.random.default_rng([*kind.encode()])
    refusals = [error for _ in range(MUTATIONS) if (error := refusal(read, damaged(data, rng)))]
    assert refusals
    assert {error.code for error in refusals} <= set(CODES)
    assert all(str(error).endswith(".") for error in refusals)
