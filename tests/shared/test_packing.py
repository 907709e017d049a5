"""What is packed comes back, to the bit or within the error that the protocol states."""

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from livescape_shared import packing
from livescape_shared.codec import decode, encode, pack_arrays
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Chunk

RNG = np.random.default_rng(4)
ARRAYS = {
    "means": RNG.normal(size=(3000, 3)).astype(np.float32),
    "half": RNG.normal(size=(2000,)).astype(np.float16),
    "bytes": np.arange(5000, dtype=np.uint8),
    "wide": RNG.normal(size=(500, 2)),
    "small": np.ones(3, np.float32),
    "empty": np.zeros((0, 3), np.float32),
}


def packed():
    return pack_arrays(encode(Chunk("j", 0, 1, "frame", 0, {}, ARRAYS)))


def test_packed_arrays_come_back_to_the_bit():
    frames = packed()
    found = decode(frames).message.arrays
    assert sum(map(len, frames)) < sum(array.nbytes for array in ARRAYS.values())
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


@given(st.data())
def test_damaged_packed_arrays_are_refused(data):
    frames = [bytes(frame) for frame in packed()]
    which = data.draw(st.sampled_from([1, 2, 3]))
    frame = bytearray(frames[which])
    at = data.draw(st.integers(0, len(frame) - 1))
    frames[which] = bytes(frame[:at])
    with pytest.raises(LivescapeError) as caught:
        decode(frames)
    assert caught.value.code == "message_malformed"


def test_a_bomb_is_refused_before_it_unpacks():
    frames = packed()
    frames[1] = zstandard.ZstdCompressor().compress(b"\0" * 2**28)
    with pytest.raises(LivescapeError, match="another size"):
        decode(frames)


def test_moves_are_off_by_no_more_than_is_stated():
    at_rest = (RNG.normal(size=(50_000, 3)) * 30).astype(np.float32)
    distance = (10.0 ** RNG.uniform(-9, 4, (50_000, 3))) * RNG.choice([-1, 1], (50_000, 3))
    means = (at_rest + distance).astype(np.float32)
    error = np.abs(packing.moved(at_rest, packing.moves(means, at_rest)) - means)
    moved = np.abs(means.astype(np.float64) - at_rest)
    rounding = 2.0 * np.spacing(np.maximum(np.abs(means), np.abs(at_rest)))  # of float32 itself
    stated = np.maximum(moved * packing.MOVES_ERROR, packing.SMALLEST_ERROR)
    assert (error <= stated + rounding).all()
    assert (error > 0.3 * stated).any(), "the error that is stated is not far from the real one"


@pytest.mark.parametrize("far", [7e4, np.inf, np.nan])
def test_what_moves_too_far_is_not_told_as_a_move(far):
    means = np.zeros((2, 3), np.float32)
    means[1, 2] = far
    assert packing.moves(means, np.zeros((2, 3), np.float32)) is None
    assert packing.moves(means, np.zeros((3, 3), np.float32)) is None
