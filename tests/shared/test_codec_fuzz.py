"""Seeded mutations of good messages: decode parses or raises LivescapeError."""

import msgpack
import numpy as np
import pytest
from tests.shared.golden_files import read_golden

from livescape_shared.codec import MAGIC, decode, peek_id
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import MESSAGES, Submit
from livescape_shared.request import GenerateRequest

HOSTILE = [
    None, True, -1, 0, 2**31, 2**63, -(2**63), 1.5, float("nan"), float("inf"), "", "x" * 300,
    "../..", b"", b"\xff", [], [[]], [1] * 50, {}, {"a": {}}, {"version": [2, 0]},
    msgpack.ExtType(5, b"ext"), msgpack.Timestamp(1, 2), ["float32"], "object",
]  # fmt: skip


def flip(frames, rng):
    frame = bytearray(frames[int(rng.integers(len(frames)))])
    if frame:
        frame[int(rng.integers(len(frame)))] = int(rng.integers(256))
    return [bytes(frame), *frames[1:]]


def cut(frames, rng):
    which = int(rng.integers(len(frames)))
    length = int(rng.integers(len(frames[which]) + 1))
    return [frame[:length] if i == which else frame for i, frame in enumerate(frames)]


def shuffle(frames, rng):
    order = rng.permutation(len(frames) + int(rng.integers(3)))
    return [frames[i % len(frames)] for i in order]


def insert(frames, rng):
    at = int(rng.integers(len(frames[0]) + 1))
    return [frames[0][:at] + rng.bytes(int(rng.integers(1, 9))) + frames[0][at:], *frames[1:]]


def graft(frames, rng):
    """Replace a random value anywhere in the header by a hostile one."""
    header = msgpack.unpackb(frames[0][len(MAGIC) :], strict_map_key=True)
    spots = []

    def walk(node):
        for key in node if isinstance(node, dict) else range(len(node)):
            spots.append((node, key))
            if isinstance(node[key], dict | list):
                walk(node[key])

    walk(header)
    node, key = spots[int(rng.integers(len(spots)))]
    node[key] = HOSTILE[int(rng.integers(len(HOSTILE)))]
    return [MAGIC + msgpack.packb(header), *frames[1:]]


MUTATIONS = (flip, cut, shuffle, insert, graft, graft, graft)


def survive(frames):
    """Decode, and rebuild a request if it is one; return the code of the refusal, or ""."""
    try:
        message = decode(frames).message
        if isinstance(message, Submit):
            GenerateRequest.from_parts(message.body, message.arrays).job_id()
    except LivescapeError as error:
        return error.code
    return ""


@pytest.mark.filterwarnings("ignore:overflow")  # a mutated camera of 1e300 m is refused with one
@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_mutated_messages_never_surprise(name):
    golden = read_golden(name)
    rng = np.random.default_rng(sum(name.encode()))
    codes = set()
    for _ in range(4000):
        frames = golden
        for _ in range(int(rng.integers(1, 3))):
            try:
                frames = MUTATIONS[int(rng.integers(len(MUTATIONS)))](frames, rng)
            except (ValueError, TypeError, IndexError, msgpack.UnpackException):
                break  # the second mutation cannot read what the first has left
        codes.add(survive(frames))
        peek_id(frames)
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
