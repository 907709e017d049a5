"""Settings, presets and requests."""

from dataclasses import fields

import numpy as np
import pytest
from tests.shared.samples import request

from livescape_shared.errors import LivescapeError
from livescape_shared.request import FILES, GenerateRequest, check_parts
from livescape_shared.settings import (
    CHOICES,
    PRESETS,
    RANGES,
    GenerateSettings,
    preset_settings,
)


def refused(function, *arguments, **options):
    with pytest.raises(LivescapeError) as caught:
        function(*arguments, **options)
    return caught.value


def test_every_field_is_checked():
    assert {field.name for field in fields(GenerateSettings)} == {*RANGES, *CHOICES}


@pytest.mark.parametrize("name", sorted(RANGES))
def test_ranges_include_their_ends_and_nothing_beyond(name):
    low, high = RANGES[name]
    for value in (low, high):
        assert getattr(GenerateSettings(**{name: value}), name) == value
    for value in (low - 1, high + 1, float("nan"), float("inf"), "1", None, [1]):
        error = refused(GenerateSettings, **{name: value})
        assert error.code == "settings_invalid"
        assert name in error.message


@pytest.mark.parametrize("name", sorted(CHOICES))
def test_choices_are_the_listed_ones(name):
    for value in CHOICES[name]:
        assert getattr(GenerateSettings(**{name: value}), name) == value
    for value in ("", "other", None, ["linear"], 1):
        error = refused(GenerateSettings, **{name: value})
        assert error.code == "settings_invalid"
        assert name in error.message


def test_settings_survive_plain_values_and_newer_fields():
    settings = GenerateSettings(seed=5, speed=0.5, motion="none")
    assert GenerateSettings.from_dict({**settings.to_dict(), "newer": 1}) == settings
    assert GenerateSettings.from_dict({}) == GenerateSettings()
    assert settings.changed(seed=6).seed == 6


def test_presets_explain_themselves_and_grow():
    sizes = [preset_settings(name).gaussian_budget for name in ("draft", "preview", "final")]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == 3
    assert all(preset.description for preset in PRESETS.values())
    assert refused(preset_settings, "best").code == "settings_invalid"


def test_a_request_survives_its_parts():
    before = request(hints=b"{}", flow=b"npy", mask=b"png")
    after = GenerateRequest.from_parts(before.body(), before.arrays())
    assert after.job_id() == before.job_id()
    assert [getattr(after, name) for name in FILES] == [getattr(before, name) for name in FILES]


def test_equal_requests_have_equal_names():
    assert request().job_id() == request().job_id()
    path = request().camera_path
    whole = request(camera_path=type(path)(path.reference, path.cameras, path.frames, 24))
    assert whole.job_id() == request().job_id()


@pytest.mark.parametrize("name", FILES)
def test_any_byte_of_any_file_makes_another_job(name):
    assert request(**{name: b"one"}).job_id() != request(**{name: b"two"}).job_id()


def test_files_do_not_trade_places():
    ids = {request(depth=b"", **{name: b"same"}).job_id() for name in ("mask", "hints", "flow")}
    assert len(ids) == 3


def test_settings_and_camera_make_another_job():
    other = request(settings=GenerateSettings(seed=4))
    moved = request(camera_path=type(other.camera_path)(
        other.camera_path.reference, other.camera_path.cameras[::-1], (1, 2), 24.0))  # fmt: skip
    assert len({each.job_id() for each in (request(), other, moved)}) == 3


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0, 2), (6,), (2, 3), ()])
def test_parts_are_checked_without_being_copied_and_name_the_same_job(shape):
    arrays = {**request().arrays(), "photo": np.ones(shape, np.uint8)}
    job = GenerateRequest.from_parts(request().body(), arrays).job_id()
    assert check_parts(request().body(), arrays) == job


def test_incomplete_requests_are_refused():
    body, arrays = request().body(), request().arrays()
    for name in ("fps", "settings"):
        bad = {**body, name: None}
        assert refused(GenerateRequest.from_parts, bad, arrays).code == "request_invalid"
    del arrays["photo"]
    assert refused(GenerateRequest.from_parts, body, arrays).code == "request_invalid"
    floats = {"photo": np.zeros(3, np.float32)}
    assert refused(GenerateRequest.from_parts, body, floats).code == "request_invalid"


def test_files_that_nobody_asked_for_are_dropped():
    arrays = {**request().arrays(), "__class__": np.zeros(3, np.uint8)}
    assert GenerateRequest.from_parts(request().body(), arrays).job_id() == request().job_id()
