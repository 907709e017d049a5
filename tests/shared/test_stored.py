"""Gaussians of a cache at rest: nothing is lost, early caches are read, damage is said."""

import zipfile
from dataclasses import replace

import numpy as np
import pytest
from tests.addon import synthetic

from livescape_shared.cache import manifest as manifests
from livescape_shared.cache import names
from livescape_shared.cache.manifest import FileEntry, Manifest
from livescape_shared.cache.stored import read_moving, read_static, write_moving, write_static
from livescape_shared.errors import LivescapeError
from livescape_shared.gaussians import Gaussians
from livescape_shared.ply import write_ply

MADE = synthetic.scene(static=300, pairs=100, loop_frames=6)
ENTRY = FileEntry(0, "")


def manifest(*files, **counts):
    return Manifest(replace(MADE.meta, **counts), {name: ENTRY for name in files})


NEW = manifest(names.POINT_CACHE, names.STATIC, names.MOVING)
EARLY = manifest(names.POINT_CACHE, *names.EARLY_FILES)


@pytest.fixture
def folder(tmp_path):
    write_static(tmp_path, MADE.static, None)
    write_moving(tmp_path, MADE.moving)
    return tmp_path


def same(found: Gaussians, wanted: Gaussians):
    for name, array in vars(wanted).items():
        np.testing.assert_allclose(getattr(found, name), array, rtol=2e-7, atol=1e-6)
    for name in ("means", "scales", "colors"):
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))


def test_what_was_written_comes_back(folder):
    same(read_static(folder, NEW).gaussians, MADE.static)
    moving = read_moving(folder, NEW)
    same(moving.gaussians, MADE.moving.gaussians)
    np.testing.assert_array_equal(moving.windows, MADE.moving.windows)


def test_reading_and_writing_again_changes_no_number(folder, tmp_path_factory):
    again = tmp_path_factory.mktemp("again")
    write_static(again, read_static(folder, NEW).gaussians, None)
    first, second = (read_static(place, NEW).gaussians for place in (folder, again))
    for name, array in vars(first).items():
        np.testing.assert_allclose(getattr(second, name), array, rtol=2e-7, atol=0)


def test_equal_arrays_are_equal_files(folder, tmp_path_factory, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1e9)
    again = tmp_path_factory.mktemp("again")
    write_static(again, MADE.static, None)
    assert (again / names.STATIC).read_bytes() == (folder / names.STATIC).read_bytes()


@pytest.mark.parametrize("terms", [3, 8, 15])
def test_colours_that_depend_on_the_view_come_back(tmp_path, terms):
    wanted = np.random.default_rng(0).normal(size=(300, terms, 3)).astype(np.float32)
    write_static(tmp_path, MADE.static, wanted)
    np.testing.assert_array_equal(read_static(tmp_path, NEW).harmonics, wanted)


def test_a_cache_without_gaussians_of_a_kind_is_read(tmp_path):
    write_static(tmp_path, Gaussians.empty(), None)
    moving = replace(MADE.moving, gaussians=Gaussians.empty(), windows=np.zeros((0, 2), np.float32))
    write_moving(tmp_path, moving)
    nothing = manifest(names.STATIC, names.MOVING, static=0, moving=0)
    assert len(read_static(tmp_path, nothing)) == len(read_moving(tmp_path, nothing).windows) == 0


def test_an_early_cache_is_read(tmp_path):
    write_ply(tmp_path / names.EARLY_STATIC, MADE.static)
    write_ply(tmp_path / names.EARLY_MOVING, MADE.moving.gaussians)
    np.save(tmp_path / names.EARLY_WINDOWS, MADE.moving.windows)
    found = read_static(tmp_path, EARLY).gaussians
    np.testing.assert_array_equal(found.means, MADE.static.means)
    moving = read_moving(tmp_path, EARLY)
    np.testing.assert_array_equal(moving.gaussians.means, MADE.moving.gaussians.means)
    np.testing.assert_array_equal(moving.windows, MADE.moving.windows)
    with pytest.raises(LivescapeError, match="counts"):
        read_moving(tmp_path, manifest(*names.EARLY_FILES, moving=7))


def test_values_at_the_edge_stay_usable(tmp_path):
    edge = MADE.static[:4]
    edge.opacities[:] = [0.0, 1.0, 1.00005, -0.00005]
    edge.scales[:] = 0.0
    edge.quats[:] *= 100.0
    write_static(tmp_path, edge, None)
    found = read_static(tmp_path, manifest(names.STATIC, static=4)).gaussians
    assert (found.opacities > 0.0).all()
    assert (found.opacities < 1.0).all()
    assert (found.scales > 0.0).all()
    np.testing.assert_allclose(np.linalg.norm(found.quats, axis=1), 1.0, atol=1e-6)


def test_it_is_smaller_than_what_it_holds(folder):
    smooth = MADE.static
    grid = np.linspace(0.0, 1.0, 300, dtype=np.float32)
    smooth.means[:] = np.column_stack([grid, grid, grid])
    write_static(folder, smooth, None)
    assert (folder / names.STATIC).stat().st_size < 0.95 * 14 * 4 * 300


def rewritten(path, change):
    """Write an archive again, each of its entries as ``change`` gives it back."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in change(entries).items():
            archive.writestr(name, data)


def claim_of_gigabytes(entries):
    entries["means"] = bytes(2**28)
    return entries


DAMAGES = {
    "no archive": lambda path: path.write_bytes(b"x" * 5000),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "a byte changed": lambda path: path.write_bytes(
        path.read_bytes()[:500] + bytes([path.read_bytes()[500] ^ 255]) + path.read_bytes()[501:]
    ),
    "an entry missing": lambda path: rewritten(path, lambda e: {"means": e["means"]}),
    "an entry too short": lambda path: rewritten(path, lambda e: {**e, "quats": e["quats"][:-4]}),
    "an entry too long": lambda path: rewritten(path, claim_of_gigabytes),
    "not a number": lambda path: rewritten(path, lambda e: {**e, "colors": b"\xff" * 3600}),
    "other harmonics": lambda path: rewritten(path, lambda e: {**e, "harmonics": bytes(12 * 300)}),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_of_any_kind_is_one_error(folder, kind):
    DAMAGES[kind](folder / names.STATIC)
    with pytest.raises(LivescapeError) as caught:
        read_static(folder, NEW)
    assert caught.value.code == "cache_damaged"
    assert caught.value.message.count(folder.name) == 1


@pytest.mark.parametrize("counts", [{"static": 299}, {"static": 301}, {"static": 50_000_000}])
def test_counts_that_the_file_does_not_have_are_damage(folder, counts):
    with pytest.raises(LivescapeError, match="of "):
        read_static(folder, manifest(names.STATIC, names.MOVING, **counts))


def test_every_version_since_the_second_is_readable():
    assert manifests.READABLE == (2, 3, 4) == (*manifests.READABLE[:-1], manifests.VERSION)
