"""Stage results on disk: the same key, the same result; damage and full disks are survived."""

import logging
import os
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from livescape.context.cache import StageCache, pack, stage_key, unpack
from livescape.deform.basis import MovingField
from livescape.deform.living_scene import LivingScene
from livescape_shared.errors import LivescapeError
from livescape_shared.gaussians import Gaussians


@dataclass(frozen=True)
class Inner:
    values: NDArray[np.float32]
    name: str


@dataclass(frozen=True)
class Outer:
    inner: Inner
    mask: NDArray[np.bool_]
    row: float
    count: int
    ready: bool


def outer(seed=0):
    values = np.random.default_rng(seed).normal(size=(3, 4)).astype(np.float32)
    return Outer(Inner(values, "größe"), values > 0, 12.5, 7, True)


def same(first, second):
    one, two = pack(first), pack(second)
    return one.keys() == two.keys() and all(np.array_equal(one[name], two[name]) for name in one)


def test_a_dataclass_survives_packing_with_its_types():
    found = unpack(Outer, pack(outer()))
    assert same(found, outer())
    assert type(found.row) is float
    assert type(found.count) is int
    assert found.ready is True
    assert found.inner.name == "größe"
    assert found.mask.dtype == bool


def test_a_scene_survives_packing():
    rng = np.random.default_rng(0)
    gaussians = Gaussians(
        *(rng.random((5, n)) for n in (3, 4, 3)), rng.random(5), rng.random((5, 3))
    )
    arrays = (np.ones(shape, np.float32) for shape in ((4, 2, 3), (2, 2), (3,), (2, 3)))
    field = MovingField(gaussians[:2], *arrays)
    scene = LivingScene(gaussians, field, "{}", '{"a": 1}')
    found = unpack(LivingScene, pack(scene))
    assert same(found, scene)
    assert found.report == {"a": 1}


def test_the_second_call_is_served_from_the_disk(tmp_path):
    cache = StageCache(tmp_path / "deep" / "folder")
    first, stored = cache.get("depth-1", Outer, outer)
    assert not stored

    def never():
        raise AssertionError("it lies in the cache")

    for reader in (cache, StageCache(cache.folder)):
        second, stored = reader.get("depth-1", Outer, never)
        assert stored
        assert same(first, second)
    assert [path.name for path in cache.folder.iterdir()] == ["depth-1.npz"]


IMAGE = np.arange(12, dtype=np.float32).reshape(3, 4)


@pytest.mark.parametrize(
    "parts",
    [
        (IMAGE + 1, b"file", "popup"),
        (IMAGE.reshape(4, 3), b"file", "popup"),
        (IMAGE.astype(np.float64), b"file", "popup"),
        (IMAGE.view(np.int32), b"file", "popup"),
        (IMAGE, b"fil", "popup"),
        (IMAGE, None, "popup"),
        (IMAGE, "file", "popup"),
        (IMAGE, b"file", "file"),
        (IMAGE, b"file"),
        (IMAGE, b"file", "popup", None),
        (IMAGE, b"file", ["popup"]),
        (IMAGE, "popup", b"file"),
    ],
    ids=str,
)
def test_whatever_differs_has_another_key(parts):
    assert stage_key("depth", *parts) != stage_key("depth", IMAGE, b"file", "popup")


def test_keys_are_stable_and_name_their_stage():
    key = stage_key("depth", IMAGE, {"b": 1, "a": [2.5, None]})
    assert key == stage_key("depth", np.asfortranarray(IMAGE), {"a": [2.5, None], "b": 1})
    assert key.startswith("depth-")
    assert key.split("-")[1] != stage_key("layout", IMAGE, {"b": 1, "a": [2.5, None]}).split("-")[1]


def test_an_entry_with_any_byte_wrong_or_missing_is_made_again_or_right(tmp_path, caplog):
    cache = StageCache(tmp_path)
    cache.get("stage", Outer, outer)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    made = 0
    for at in range(0, len(whole), 7):
        flipped = whole[:at] + bytes([whole[at] ^ int(rng.integers(1, 256))]) + whole[at + 1 :]
        for damaged in (whole[:at], flipped):
            path.write_bytes(damaged)
            with caplog.at_level(logging.CRITICAL):
                found, stored = cache.get("stage", Outer, outer)
            assert same(found, outer())
            made += not stored
    assert made > len(whole) // 7
    assert path.read_bytes() == whole


def test_a_damaged_entry_is_logged_and_replaced(tmp_path, caplog):
    cache = StageCache(tmp_path)
    (tmp_path / "stage.npz").write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        assert not cache.get("stage", Outer, outer)[1]
    assert "stage.npz" in caplog.text
    assert cache.get("stage", Outer, outer)[1]


def test_an_entry_of_another_dataclass_is_made_again(tmp_path):
    cache = StageCache(tmp_path)
    cache.get("stage", Inner, lambda: outer().inner)
    found, stored = cache.get("stage", Outer, outer)
    assert not stored
    assert same(found, outer())


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "cache").write_text("not a folder")
    for folder in (tmp_path / "cache", tmp_path / "cache" / "below"):
        with pytest.raises(LivescapeError) as caught:
            StageCache(folder)
        assert caught.value.code == "cache_not_writable"
        assert str(folder) in caught.value.message


def test_a_folder_that_stops_being_one(tmp_path):
    """As on a read-only disk, neither the write nor the removal of its rest is possible."""
    cache = StageCache(tmp_path / "cache")
    cache.folder.rmdir()
    cache.folder.write_text("not a folder")
    with pytest.raises(LivescapeError) as caught:
        cache.get("stage", Outer, outer)
    assert caught.value.code == "cache_not_writable"
    assert caught.value.hint


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_read_only_folder_still_serves_what_it_has(tmp_path):
    cache = StageCache(tmp_path)
    cache.get("known", Outer, outer)
    tmp_path.chmod(0o500)
    try:
        assert cache.get("known", Outer, outer)[1]
        with pytest.raises(LivescapeError) as caught:
            cache.get("new", Outer, outer)
        assert caught.value.code == "cache_not_writable"
    finally:
        tmp_path.chmod(0o700)


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    cache = StageCache(tmp_path)

    def full(stream, **_):
        stream.write(b"half an ent")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(LivescapeError, match="No space left"):
        cache.get("stage", Outer, outer)
    assert list(tmp_path.iterdir()) == []


def test_what_fails_while_it_is_made_leaves_nothing(tmp_path):
    def fails():
        raise LivescapeError("depth_missing", "No depth.")

    with pytest.raises(LivescapeError, match="No depth"):
        StageCache(tmp_path).get("stage", Outer, fails)
    assert list(tmp_path.iterdir()) == []
