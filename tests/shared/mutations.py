"""Seeded mutations of messages, for the tests and for ``make bench NAME=fuzz``."""

import msgpack

from livescape_shared.codec import MAGIC, decode, peek_id, peek_type, split
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Submit
from livescape_shared.request import GenerateRequest, check_parts

HOSTILE = [
    None, True, -1, 0, 2**31, 2**63, -(2**63), 1.5, float("nan"), float("inf"), "", "x" * 300,
    "../..", b"", b"\xff", [], [[]], [1] * 50, {}, {"a": {}}, {"version": [3, 0]},
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


def refragment(frames, rng):
    """Cut the arrays' frames anew, as a client of a smaller limit does."""
    return [bytes(frame) for frame in split(frames, int(rng.integers(1, 40)))]


MUTATIONS = (flip, cut, shuffle, insert, refragment, graft, graft, graft)


def mutated(frames, rng):
    """Return ``frames`` after one mutation or two."""
    for _ in range(int(rng.integers(1, 3))):
        try:
            frames = MUTATIONS[int(rng.integers(len(MUTATIONS)))](frames, rng)
        except (ValueError, TypeError, IndexError, msgpack.UnpackException):
            break  # the second mutation cannot read what the first has left
    return frames


def survive(frames):
    """Decode, and rebuild a request if it is one; return the code of the refusal, or ""."""
    try:
        peek_type(frames)
        peek_id(frames)
        message = decode(frames).message
        if isinstance(message, Submit):
            check_parts(message.body, message.arrays)
            GenerateRequest.from_parts(message.body, message.arrays).job_id()
    except LivescapeError as error:
        return error.code
    return ""
