"""Stage results on disk: the same key, the same result; damage and full disks are survived."""

import hashlib
import logging
import os
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.contexts import here
from tests.rights import modes_bind_root

from livescape.context.cache import StageCache, pack, stage_key, unpack
from livescape.deform.basis import MovingField
from livescape.deform.living_scene import LivingScene
from livescape_shared.errors import LivescapeError
from livescape_shared.gaussians import Gaussians

ROOM = 10**9


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
    along, life, handover, eye = (
        np.ones(shape, np.float32) for shape in ((4, 2, 3), (2, 2), (2, 2), (3,))
    )
    field = MovingField(gaussians[:2], along, life, handover, 0.125, eye)
    scene = LivingScene(gaussians, field, "{}", '{"a": 1}')
    found = unpack(LivingScene, pack(scene))
    assert same(found, scene)
    assert found.report == {"a": 1}


def test_the_second_call_is_served_from_the_disk(tmp_path):
    cache = StageCache(tmp_path / "deep" / "folder", ROOM)
    first, stored = cache.get("depth-1", Outer, outer)
    assert not stored

    def never():
        raise AssertionError("it lies in the cache")

    for reader in (cache, StageCache(cache.folder, ROOM)):
        second, stored = reader.get("depth-1", Outer, never)
        assert stored
        assert same(first, second)
    assert [path.name for path in cache.folder.iterdir()] == ["depth-1.stage"]


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
    cache = StageCache(tmp_path, ROOM)
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
    cache = StageCache(tmp_path, ROOM)
    (tmp_path / "stage.stage").write_bytes(b"damaged")
    with caplog.at_level(logging.WARNING):
        assert not cache.get("stage", Outer, outer)[1]
    assert "stage.stage" in caplog.text
    assert cache.get("stage", Outer, outer)[1]


def _cut(path, whole):
    path.write_bytes(whole[: len(whole) // 2])


def _longer(path, whole):
    path.write_bytes(whole + b"\0")


def _zeros(path, whole):
    path.write_bytes(bytes(len(whole)))


def _sparse(path, whole):
    with path.open("wb") as stream:
        stream.truncate(2**20)


def _another(path, whole):
    StageCache(path.parent / "other", ROOM).get("other", Outer, lambda: outer(1))
    (path.parent / "other" / "other.stage").replace(path)


def _well_hashed(payload):
    def damage(path, whole):
        key = path.stem.encode()
        path.write_bytes(hashlib.sha256(payload(whole[32:]) + key).digest() + payload(whole[32:]))

    return damage


def _as_folder(path, whole):
    path.unlink()
    path.mkdir()


def _as_link(path, whole):
    path.unlink()
    path.symlink_to(path.parent / "nowhere")


def _unreadable(path, whole):
    path.chmod(0)


@pytest.mark.parametrize(
    "damage",
    [
        _cut,
        _longer,
        _zeros,
        _sparse,
        _another,
        _as_folder,
        _as_link,
        _unreadable,
        _well_hashed(lambda _: b""),
        _well_hashed(lambda _: (2**63).to_bytes(8, "little") + b"{}"),
        _well_hashed(lambda _: (100_000).to_bytes(8, "little") + b"[" * 100_000),
        _well_hashed(lambda whole: whole.replace(b"plain", b"plane")),
        _well_hashed(lambda whole: whole.replace(b"F32", b"F64")),
    ],
)
def test_whatever_has_become_of_an_entry_the_result_is_right(tmp_path, damage, caplog):
    cache = StageCache(tmp_path, ROOM)
    cache.get("stage", Outer, outer)
    path = tmp_path / "stage.stage"
    damage(path, path.read_bytes())
    for _ in range(2):
        with caplog.at_level(logging.CRITICAL):
            assert same(cache.get("stage", Outer, outer)[0], outer())
    assert cache.get("stage", Outer, outer)[1] != (damage is _as_folder)
    assert not [each for each in tmp_path.iterdir() if "partial" in each.name]


def test_an_entry_of_another_dataclass_is_made_again(tmp_path):
    cache = StageCache(tmp_path, ROOM)
    cache.get("stage", Inner, lambda: outer().inner)
    found, stored = cache.get("stage", Outer, outer)
    assert not stored
    assert same(found, outer())


@pytest.mark.parametrize("name", ["cache", "cache/below"])
def test_a_file_where_the_folder_should_be_costs_no_result(tmp_path, caplog, name):
    """As on a read-only disk, neither the write nor the removal of its rest is possible."""
    (tmp_path / "cache").write_text("not a folder")
    with caplog.at_level(logging.WARNING):
        found, stored = StageCache(tmp_path / name, ROOM).get("stage", Outer, outer)
    assert (same(found, outer()), stored) == (True, False)
    assert "not kept in the cache" in caplog.text


def test_a_read_only_folder_still_serves_what_it_has(tmp_path):
    cache = StageCache(tmp_path, ROOM)
    cache.get("known", Outer, outer)
    tmp_path.chmod(0o500)
    try:
        with modes_bind_root():
            assert cache.get("known", Outer, outer)[1]
            found, stored = cache.get("new", Outer, outer)
    finally:
        tmp_path.chmod(0o700)
    assert (same(found, outer()), stored) == (True, False)
    assert [path.name for path in tmp_path.iterdir()] == ["known.stage"]


def test_a_full_disk_costs_no_result_and_leaves_nothing_half_written(tmp_path, caplog):
    resource = pytest.importorskip("resource")
    cache = StageCache(tmp_path, ROOM)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with caplog.at_level(logging.WARNING):
            found, stored = cache.get("stage", Outer, outer)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (same(found, outer()), stored) == (True, False)
    assert "not kept in the cache" in caplog.text
    assert list(tmp_path.iterdir()) == []
    cache.get("stage", Outer, outer)
    assert cache.get("stage", Outer, pytest.fail)[1]


def age(path, seconds):
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - seconds))


def test_the_cache_keeps_to_its_size_and_what_was_used_last_stays(tmp_path):
    cache = StageCache(tmp_path, ROOM)
    for number in range(4):
        cache.get(f"stage-{number}", Outer, lambda number=number: outer(number))
    size = (tmp_path / "stage-0.stage").stat().st_size
    for number in range(4):
        age(tmp_path / f"stage-{number}.stage", 100 - number)
    assert cache.get("stage-0", Outer, pytest.fail)[1]  # now it is the youngest
    StageCache(tmp_path, 3 * size + size // 2).get("stage-4", Outer, lambda: outer(4))
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["stage-0.stage", "stage-3.stage", "stage-4.stage"]


def test_an_entry_larger_than_the_whole_cache_is_handed_on_and_not_kept(tmp_path):
    cache = StageCache(tmp_path, 100)
    assert same(cache.get("stage", Outer, outer)[0], outer())
    assert list(tmp_path.iterdir()) == []


def test_entries_of_earlier_versions_make_room(tmp_path):
    (tmp_path / f"depth-{'0a' * 12}.npz").write_bytes(b"old")
    own = ["depth-map.npz", "depth.npz", "mine.txt", "scene-7.npz"]
    for name in own:
        (tmp_path / name).write_text("somebody else's")
    StageCache(tmp_path, ROOM).get("stage", Outer, outer)
    assert sorted(path.name for path in tmp_path.iterdir()) == [*own, "stage.stage"]


def test_an_entry_being_read_by_another_process_stays_readable(tmp_path):
    cache = StageCache(tmp_path, ROOM)
    cache.get("stage-0", Outer, outer)
    path = tmp_path / "stage-0.stage"
    whole = path.read_bytes()
    with path.open("rb") as reader:
        first = reader.read(10)
        StageCache(tmp_path, len(whole)).get("stage-1", Outer, lambda: outer(1))
        assert first + reader.read() == whole


def test_a_result_depends_on_stage_version_code_and_device(tmp_path, monkeypatch):
    made = []

    def ask(context, version=1, *inputs):
        context.cached("stage", version, Outer, lambda: made.append(1) or outer(), *inputs)
        return len(made)

    context = here(tmp_path)
    assert [ask(context), ask(context)] == [1, 1]
    assert ask(context, 2) == 2
    assert ask(context, 1, "another choice") == 3
    assert ask(replace(context, device_class="cuda A GPU")) == 4
    monkeypatch.setattr("livescape.context.code_version", lambda: "another")
    assert ask(context) == 5


def test_what_fails_while_it_is_made_leaves_nothing(tmp_path):
    def fails():
        raise LivescapeError("depth_missing", "No depth.")

    with pytest.raises(LivescapeError, match="No depth"):
        StageCache(tmp_path, ROOM).get("stage", Outer, fails)
    assert list(tmp_path.iterdir()) == []
