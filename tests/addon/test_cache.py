"""The cache is whole or not there, and its absence is said in words."""

import pytest


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return blender.run("cache.py", tmp_path_factory.mktemp("cache"))


def test_holds_what_was_streamed(result):
    assert result["positions"] == [[7, 200, 3], True]
    assert result["control points"] == [[7, 4 * 200, 3], True]
    static_error, opacity_error, same_windows, report = result["loaded"]
    assert static_error == 0.0
    assert opacity_error == 0.0
    assert same_windows
    assert report == {"seconds": 1.5}


def test_appears_only_once_whole(result):
    assert result["before finish"] is False
    assert result["files"] == ["meta.json", "moving.pc2", "moving.zip", "static.zip"]


def test_a_cache_of_the_version_before_is_read(result):
    same_means, same_windows, scale_error = result["early"]
    assert same_means
    assert same_windows
    assert scale_error < 1e-6


@pytest.mark.parametrize("event", ["after abort", "after full disk", "after preparing"])
def test_what_is_there_stays_and_nothing_is_left(result, event):
    assert result[event] is True
    assert result["nothing left"] == 1


def test_a_crash_leaves_no_cache(result):
    assert result["after crash"] == [True, "cache_missing"]


def test_every_generation_has_a_folder_of_its_own(result):
    assert result["folders"] == [4, 4]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ("unsaved", "blend_unsaved"),
        ("no space", "disk_full"),
        ("disk full", "disk_full"),
        ("not writable", "cache_not_writable"),
    ],
)
def test_refusals(result, event, code):
    assert result[event] == code


def test_giving_up_does_not_fail_on_a_full_disk(result):
    assert result["stuck"] == []


def test_damage_of_any_kind_is_noticed(result):
    damages = dict(result["damages"])
    assert damages.pop("no meta") == "cache_missing"
    assert len(damages) == 17
    assert set(damages.values()) == {"cache_damaged"}, damages
