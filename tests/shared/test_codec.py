"""The wire format: golden bytes, every message there and back, and nothing hostile gets through."""

import math
import tracemalloc
from contextlib import suppress
from dataclasses import fields

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.shared.golden_files import FOLDER, encoded, read_golden
from tests.shared.samples import MESSAGE_ID, PARENT_ID, samples

from livescape_shared.codec import (
    MAGIC,
    MAX_ARRAYS,
    MAX_HEADER_BYTES,
    decode,
    encode,
    new_id,
    peek_id,
    split,
)
from livescape_shared.codec_arrays import DTYPES
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import MESSAGES, PROTOCOL_VERSION, Chunk, Ping, Progress, Refused


def same(one, other):
    assert type(one) is type(other)
    for field in fields(one):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if field.name != "arrays":
            assert left == right
            continue
        assert left.keys() == right.keys()
        for name in left:
            assert left[name].dtype == right[name].dtype
            np.testing.assert_array_equal(left[name], right[name], strict=True)


def header(**values):
    plain = {
        "version": [*PROTOCOL_VERSION],
        "type": "ping",
        "id": "i",
        "parent": "",
        "body": {},
        "arrays": [],
    }
    return MAGIC + msgpack.packb({**plain, **values})


def code(frames, **options):
    with pytest.raises(LivescapeError) as caught:
        decode(frames, **options)
    return caught.value.code


def test_there_is_a_sample_and_a_golden_file_of_every_message():
    assert samples().keys() == MESSAGES.keys()
    assert {path.stem for path in FOLDER.iterdir()} == MESSAGES.keys()


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_the_bytes_are_those_of_this_protocol(name):
    assert encoded(samples()[name]) == read_golden(name)


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_the_bytes_of_this_protocol_are_understood(name):
    envelope = decode(read_golden(name))
    same(envelope.message, samples()[name])
    assert (envelope.id, envelope.parent, envelope.version) == (
        MESSAGE_ID,
        PARENT_ID,
        PROTOCOL_VERSION,
    )


@pytest.mark.parametrize("dtype", sorted(DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 4), (1, 2, 3, 4)])
def test_arrays_keep_type_shape_and_bytes(dtype, shape):
    rng = np.random.default_rng(1)
    array = rng.integers(0, 200, shape).astype(dtype)
    message = decode(encode(Chunk(arrays={"a": array}))).message
    same(message, Chunk(arrays={"a": np.asarray(array)}))


def test_byte_order_and_strides_do_not_matter():
    array = np.arange(24, dtype=">f4").reshape(4, 6)[::2, ::-1]
    found = decode(encode(Chunk(arrays={"a": array}))).message.arrays["a"]
    assert found.dtype == np.dtype("<f4")
    np.testing.assert_array_equal(found, array)


def test_contiguous_arrays_are_not_copied():
    array = np.arange(1000, dtype=np.float32)
    frame = encode(Chunk(arrays={"a": array}))[1]
    assert np.shares_memory(np.frombuffer(frame, np.float32), array)
    assert np.shares_memory(decode(encode(Chunk(arrays={"a": array}))).message.arrays["a"], array)


def ramp(size):
    return np.arange(size, dtype=np.uint8)


@pytest.mark.parametrize("limit", [1, 7, 10, 100, 10_000])
def test_arrays_may_come_in_several_frames(limit):
    message = Chunk(arrays={"a": ramp(100), "none": ramp(0), "b": ramp(33)})
    frames = split(encode(message), limit)
    assert max(map(len, frames[1:])) <= limit
    same(decode(frames).message, message)


def test_no_frame_of_an_array_is_missing_empty_or_too_much():
    frames = split(encode(Chunk(arrays={"a": ramp(100), "b": ramp(50)})), 30)
    for at in range(1, len(frames)):
        assert code(frames[:at]) == "message_malformed"
        assert code([*frames[:at], b"", *frames[at:]]) == "message_malformed"
        assert code([*frames[:at], *frames[at + 1 :]]) == "message_malformed"
    assert code([*frames, b""]) == "message_malformed"
    assert code([*frames, b"x"]) == "message_malformed"


@pytest.mark.parametrize("dtype", [object, bool, complex, "U3", "M8[s]", "i1", "V4"])
def test_other_types_are_not_encoded(dtype):
    with pytest.raises(ValueError, match="cannot be sent"):
        encode(Chunk(arrays={"a": np.zeros(2, dtype=dtype)}))


def test_unknown_fields_of_a_newer_minor_version_are_ignored():
    body = {"job": "j", "stage": "s", "eta_s": 4.0, "preview": {"deep": [1]}}
    frames = [header(version=[PROTOCOL_VERSION[0], 7], type="progress", body=body, more="fields")]
    envelope = decode(frames)
    same(envelope.message, Progress("j", "s"))
    assert envelope.version == (PROTOCOL_VERSION[0], 7)


def test_whole_numbers_are_fractions_too():
    frames = [header(type="progress", body={"fraction": 1})]
    assert decode(frames).message.fraction == 1.0


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (4, 0), (99, 3)])
def test_another_major_version_is_refused_naming_the_older_side(version):
    with pytest.raises(LivescapeError) as caught:
        decode(encode(Ping(), version=version), here="Blender", there="the server")
    assert caught.value.code == "protocol_version"
    older = "the server" if version < PROTOCOL_VERSION else "Blender"
    assert caught.value.hint.endswith(f"{older}.")


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (4, 0)])
def test_a_refusal_is_read_whatever_its_version(version):
    refused = Refused({"code": "protocol_version", "message": "No."})
    envelope = decode(encode(refused, version=version))
    assert (envelope.message, envelope.version) == (refused, version)


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [b""],
        [b"PK\x03\x04"],
        [MAGIC],
        [MAGIC + b"\xc1"],
        [MAGIC + b"\x81" * 5000],
        [MAGIC + b"\xdf\xff\xff\xff\xff"],
        [MAGIC + b"\xc6\xff\xff\xff\xff"],
        [MAGIC + msgpack.packb([1])],
        [MAGIC + msgpack.packb({3: 4})],
        [header() + b"\0"],
        [header(version=[1])],
        [header(version=[True, False])],
        [header(version=["1", "0"])],
        [header(version=[1, -1])],
        [header(version=[2**40, 0])],
        [header(type=None)],
        [header(type=["ping"])],
        [header(id=7)],
        [header(id="x" * 65)],
        [header(parent=None)],
        [header(body=[])],
        [header(body=None)],
        [header(type="ack", body={"job": 3})],
        [header(type="grant", body={"next_seq": "0"})],
        [header(type="grant", body={"next_seq": True})],
        [header(type="grant", body={"next_seq": 1.0})],
        [header(type="progress", body={"fraction": "1"})],
        [header(type="progress", body={"fraction": True})],
        [header(type="welcome", body={"limits": []})],
        [header(arrays=None)],
        [header(arrays=[{}])],
        [header(), b"surplus"],
        [header(arrays=[7]), b""],
        [header()] + [b""] * (MAX_ARRAYS + 1),
    ],
)
def test_malformed_messages_are_refused(frames):
    assert code(frames) == "message_malformed"


def test_an_unknown_message_is_named():
    assert code([header(type="dance")]) == "message_unknown"


@pytest.mark.parametrize(
    ("entry", "size"),
    [
        ({"name": "a", "dtype": "float32", "shape": [2]}, 7),
        ({"name": "a", "dtype": "float32", "shape": [2]}, 12),
        ({"name": "a", "dtype": "object", "shape": [1]}, 8),
        ({"name": "a", "dtype": "O", "shape": [1]}, 8),
        ({"name": "a", "dtype": "float128", "shape": [1]}, 16),
        ({"name": "a", "dtype": ["float32"], "shape": [1]}, 4),
        ({"name": "a", "dtype": None, "shape": [1]}, 4),
        ({"name": "a", "dtype": "float32", "shape": 1}, 4),
        ({"name": "a", "dtype": "float32", "shape": [-1]}, 4),
        ({"name": "a", "dtype": "float32", "shape": [-1, -1]}, 4),
        ({"name": "a", "dtype": "float32", "shape": [1.0]}, 4),
        ({"name": "a", "dtype": "float32", "shape": [True]}, 4),
        ({"name": "a", "dtype": "float32", "shape": [2**31]}, 4),
        ({"name": "a", "dtype": "float32", "shape": [2**30, 2**30, 2**30, 2**30]}, 4),
        ({"name": "a", "dtype": "float32", "shape": [1] * 5}, 4),
        ({"name": "", "dtype": "float32", "shape": [1]}, 4),
        ({"name": 7, "dtype": "float32", "shape": [1]}, 4),
        ({"dtype": "float32", "shape": [1]}, 4),
        ({}, 4),
    ],
)
def test_arrays_that_do_not_fit_are_refused_before_anything_is_allocated(entry, size):
    frames = [header(type="chunk", arrays=[entry]), b"\0" * size]
    tracemalloc.start()
    try:
        assert code(frames) == "message_malformed"
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


SIDES = st.sampled_from([0, 1, 2, 3, 7, 2**15, 2**16, 2**31 - 1, 2**31, 2**32, 2**63, -1])
TYPES = st.sampled_from(["uint8", "float16", "float32", "float64", "int64", "object", "V8"])


@given(shape=st.lists(SIDES, max_size=5), dtype=TYPES, size=st.integers(0, 64))
def test_no_shape_is_believed(shape, dtype, size):
    """An array is read if its bytes are there, and refused as malformed if they are not."""
    entry = {"name": "a", "dtype": dtype, "shape": shape}
    frames = [header(type="chunk", arrays=[entry]), b"\0" * size]
    possible = len(shape) <= 4 and all(0 <= side < 2**31 for side in shape) and dtype in DTYPES
    wanted = math.prod(shape) * np.dtype(dtype).itemsize
    within = math.prod(side for side in shape if side) * 8 <= 2**20
    try:
        taken = decode(frames).message.arrays["a"]
    except LivescapeError as error:
        refusal = error.code
    else:
        refusal = ""
    if refusal:
        assert refusal == "message_malformed"
        assert not (possible and wanted == size and within)
        return
    assert possible
    assert (list(taken.shape), taken.nbytes, wanted) == (shape, size, size)


def test_an_empty_array_of_overflowing_sides_is_refused():
    for shape in ([0, *[2**31 - 1] * 3], [2**31 - 1, 2**31 - 1, 0, 2**31 - 1]):
        entry = {"name": "a", "dtype": "uint8", "shape": shape}
        assert code([header(type="chunk", arrays=[entry]), b""]) == "message_malformed"
    entry = {"name": "a", "dtype": "float32", "shape": [0, 3]}
    assert decode([header(type="chunk", arrays=[entry]), b""]).message.arrays["a"].shape == (0, 3)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.binary()
    | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text() | st.binary(), inside),
    max_leaves=10,
)
NAMES = ("version", "type", "id", "parent", "body", "arrays")


@given(
    kind=st.sampled_from(sorted(MESSAGES)),
    values=st.dictionaries(st.sampled_from(NAMES) | st.text(), ANYTHING),
    frames=st.lists(st.binary(max_size=40), max_size=3),
)
def test_no_header_surprises(kind, values, frames):
    whole = [header(**{"type": kind, **values}), *frames]
    with suppress(LivescapeError):
        assert isinstance(decode(whole).id, str)
    assert isinstance(peek_id(whole), str)


def test_two_arrays_of_one_name_are_refused():
    entry = {"name": "a", "dtype": "uint8", "shape": [1]}
    assert code([header(type="chunk", arrays=[entry] * 2), b"x", b"y"]) == "message_malformed"


def test_a_header_over_the_limit_is_not_parsed():
    assert code([MAGIC + b"\0" * MAX_HEADER_BYTES]) == "message_malformed"


def test_the_id_of_an_unreadable_message_can_be_answered():
    assert peek_id([header(type="dance", id="d")]) == "d"
    assert peek_id([header(version=[9, 9], id="v"), b"surplus"]) == "v"
    for frames in ([], [b""], [b"x"], [header(id=3)], [header(id="x" * 100)]):
        assert peek_id(frames) == ""


def test_ids_are_new():
    assert len({new_id() for _ in range(1000)}) == 1000
