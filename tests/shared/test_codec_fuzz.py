"""Seeded mutations of good messages: decode parses or raises LivescapeError."""

import numpy as np
import pytest
from tests.shared.golden_files import read_golden
from tests.shared.mutations import mutated, survive

from livescape_shared.codec import MAGIC
from livescape_shared.messages import MESSAGES


@pytest.mark.filterwarnings("ignore:overflow")  # a mutated camera of 1e300 m is refused with one
@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_mutated_messages_never_surprise(name):
    golden = read_golden(name)
    rng = np.random.default_rng(sum(name.encode()))
    codes = set()
    for _ in range(4000):
        frames = mutated(golden, rng)
        codes.add(survive(frames))
    assert "message_malformed" in codes
    assert "" in codes, "some mutations are harmless, or the fuzz hits only the first check"


def test_random_bytes_never_surprise():
    rng = np.random.default_rng(0)
    for _ in range(3000):
        count = int(rng.integers(0, 4))
        frames = [rng.bytes(int(rng.integers(0, 60))) for _ in range(count)]
        if frames and rng.random() < 0.7:
            frames[0] = MAGIC + frames[0]
        assert survive(frames) == "message_malformed"
