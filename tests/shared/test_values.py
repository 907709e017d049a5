"""Integers are integers, numbers are finite, and nothing is converted from anything else."""

import copy
import json
import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.shared.samples import request

from livescape_shared.camera import Camera, CameraPath, read_camera_path
from livescape_shared.codec import decode, encode
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import MESSAGES
from livescape_shared.settings import RANGES, GenerateSettings
from livescape_shared.values import WrongValue, boolean, integer, mapping, matrix, number, text

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
    max_leaves=8,
)
NO_INTEGERS = [2.5, 2.0, True, False, "3", None, math.nan, math.inf, [1], {}, b"1", np.int64(3)]
NO_NUMBERS = [True, "3", None, math.nan, math.inf, -math.inf, [1.0], {}, b"1", 10**400]


def outcome(function, *arguments):
    """Return what a function returns, or the kind of what it raises."""
    try:
        return function(*arguments)
    except (WrongValue, LivescapeError) as error:
        return getattr(error, "code", type(error))


@given(ANYTHING)
def test_each_rule_takes_its_kind_and_nothing_else(value):
    rules = {integer: int, number: float, boolean: bool, text: str, mapping: dict}
    for rule, kind in rules.items():
        expected = type(value) is kind or (rule is number and type(value) is int)
        if rule is number and expected:
            expected = abs(value) < 1e300 and math.isfinite(value)
            if abs(value) >= 1e300:
                continue
        taken = outcome(rule, value)
        assert (taken is not WrongValue) == expected, rule
        assert not expected or (type(taken), taken) == (kind, value)


@pytest.mark.parametrize(
    ("rule", "value", "low", "high"),
    [
        (integer, 3, 3, 3),
        (integer, -(10**30), None, 0),
        (number, 0, 0.0, 1.0),
        (number, 1.0, 0.0, 1.0),
    ],
)
def test_bounds_are_included(rule, value, low, high):
    assert rule(value, low, high) == value


@pytest.mark.parametrize("rule", [integer, number])
@pytest.mark.parametrize("value", [0, 4, -(10**400), 10**400])
def test_what_is_out_of_bounds_is_refused_in_words(rule, value):
    with pytest.raises(WrongValue, match="between 1 and 3"):
        rule(value, 1, 3)


def test_long_values_are_not_echoed():
    for value in ("x" * 10**6, ["x" * 10**6] * 100, list(range(10**6))):
        with pytest.raises(WrongValue) as caught:
            integer(value)
        assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "value",
    [
        None,
        "abc",
        ["abc", "def", "ghi"],
        [[1, 2], [3, 4]],
        [[1, 2, 3]] * 2,
        [[1, 2, 3]] * 4,
        [[1, 2, 3], [1, 2, 3], [1, 2]],
        [[1, 2, True]] * 3,
        [[1, 2, "3"]] * 3,
        [[1, 2, None]] * 3,
        [[1, 2, math.nan]] * 3,
        [[1, 2, math.inf]] * 3,
        [[1, 2, 10**400]] * 3,
        [[1, 2, [3]]] * 3,
        {0: [1, 2, 3], 1: [1, 2, 3], 2: [1, 2, 3]},
    ],
)
def test_a_matrix_is_lists_of_finite_numbers(value):
    with pytest.raises(WrongValue, match="3 lists of 3 numbers"):
        matrix(value, 3, 3)


def test_a_matrix_comes_back_as_an_array():
    np.testing.assert_array_equal(matrix([[1, 2.5], (3, 4)], 2, 2), [[1.0, 2.5], [3.0, 4.0]])


def refused(function, *arguments, **options):
    with pytest.raises(LivescapeError) as caught:
        function(*arguments, **options)
    return caught.value


@pytest.mark.parametrize("name", sorted(RANGES))
def test_every_setting_is_of_its_kind(name):
    kind = type(getattr(GenerateSettings(), name))
    assert all(type(bound) is kind for bound in RANGES[name])
    for value in NO_INTEGERS if kind is int else NO_NUMBERS:
        for make in (GenerateSettings, lambda **given: GenerateSettings.from_dict(given)):
            error = refused(make, **{name: value})
            assert error.code == "settings_invalid"
            assert name in error.message


def test_a_whole_number_may_stand_for_a_measured_setting():
    whole, measured = GenerateSettings(speed=1), GenerateSettings(speed=1.0)
    assert type(whole.speed) is float
    assert request(settings=whole).job_id() == request(settings=measured).job_id()


def spots(node, path=()):
    """Yield the path of every number in nested maps and lists."""
    for key in node if isinstance(node, dict) else range(len(node)):
        if isinstance(node[key], dict | list):
            yield from spots(node[key], (*path, key))
        elif type(node[key]) in (int, float):
            yield (*path, key)


def with_value(plain, path, value):
    changed = copy.deepcopy(plain)
    node = changed
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return changed


PATH = request().camera_path.to_dict()


@pytest.mark.parametrize("path", list(spots(PATH)), ids=lambda path: ".".join(map(str, path)))
def test_every_number_of_a_camera_path_is_of_its_kind(path):
    for value in (True, "3", None, math.nan, math.inf, [1], 10**400):
        error = refused(CameraPath.from_dict, with_value(PATH, path, value))
        assert error.code in ("camera_invalid", "camera_path_invalid")
    if path[-1] in ("width", "height", "frame", "version"):
        for value in (2.5, 64.0):
            assert refused(CameraPath.from_dict, with_value(PATH, path, value)).code


@pytest.mark.parametrize("field", ["width", "height", "intrinsics", "extrinsics"])
def test_a_camera_names_the_field_that_is_wrong(field):
    plain = PATH["reference"]
    assert field in refused(Camera.from_dict, {**plain, field: "3"}).message
    assert (
        field in refused(Camera.from_dict, {k: v for k, v in plain.items() if k != field}).message
    )


@pytest.mark.parametrize("text", ["[" * 60_000, '{"a": ' * 60_000, "1" * 5000])
def test_a_camera_path_file_that_cannot_be_parsed_is_named(tmp_path, text):
    (tmp_path / "path.json").write_text(text)
    assert refused(read_camera_path, tmp_path / "path.json").code == "camera_path_invalid"


@given(value=ANYTHING, data=st.data())
def test_every_field_of_every_message_is_of_its_kind(value, data):
    kind = data.draw(st.sampled_from(sorted(MESSAGES)))
    names = [field.name for field in fields(MESSAGES[kind]) if field.name != "arrays"]
    if not names:
        return
    name = data.draw(st.sampled_from(names))
    default = getattr(MESSAGES[kind](), name)
    try:
        frames = encode(MESSAGES[kind](**{name: value}))
    except (OverflowError, ValueError, TypeError, UnicodeError):  # msgpack cannot say it
        return
    envelope = outcome(decode, frames)
    if envelope != "message_malformed":
        taken = getattr(envelope.message, name)
        assert type(taken) is type(default)
        assert taken == value or repr(taken) == repr(value)  # a NaN deep inside is not itself
        assert not isinstance(taken, float) or math.isfinite(taken)


def test_settings_of_json_are_checked_as_well():
    for source in ('{"views": NaN}', '{"views": 1e1}', '{"speed": Infinity}', '{"seed": true}'):
        assert refused(GenerateSettings.from_dict, json.loads(source)).code == "settings_invalid"
