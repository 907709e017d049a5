"""Which files are frames of one sequence, and what of them stands, moves or flashes."""

from dataclasses import replace

import numpy as np
import pytest
from tests.shared.splat_samples import moderate

from livescape_shared.conventions import window
from livescape_shared.errors import LivescapeError
from livescape_shared.formats import sequence_scene as scenes
from livescape_shared.formats.export import export_frames
from livescape_shared.formats.load import load_splats
from livescape_shared.formats.sequence import SplatSequence, file_sequence, numbered_files
from livescape_shared.formats.sequence_scene import held, sequence_scene
from livescape_shared.ply import write_ply
from livescape_shared.splats import ImportedSplats, Splats

CLOUD = moderate(60).gaussians


def moved(index, by=0.5):
    means = CLOUD.means.copy()
    means[:20] += np.float32(by * index)
    return replace(CLOUD, means=means)


def written(folder, frames, name="wave_{:03}.ply", first=9):
    for index, cloud in enumerate(frames):
        write_ply(folder / name.format(first + index), cloud)
    return folder / name.format(first)


def test_files_that_differ_by_their_last_number_belong_together(tmp_path):
    for name in ("wave2_9.ply", "wave2_10.ply", "wave2_11.ply", "wave3_1.ply", "wave2_9.spz",
                 "wave2_.ply", "xwave2_9.ply", "still.ply"):  # fmt: skip
        (tmp_path / name).write_bytes(b"")
    found = [path.name for path in numbered_files(tmp_path / "wave2_10.ply")]
    assert found == ["wave2_9.ply", "wave2_10.ply", "wave2_11.ply"]
    assert numbered_files(tmp_path / "still.ply") == [tmp_path / "still.ply"]
    assert file_sequence(tmp_path / "wave3_1.ply") is None


def test_what_moves_is_told_from_what_stands(tmp_path):
    path = written(tmp_path, [moved(index) for index in range(5)])
    found = file_sequence(path)
    assert (found.name, found.count) == ("wave", 5)
    scene = sequence_scene(found, 7, 25.0)
    assert (scene.meta.static, scene.meta.moving) == (40, 20)
    assert (scene.meta.loop_frames, scene.meta.loop, scene.meta.deforms) == (4, False, False)
    for index, frame in enumerate(scene.frames()):
        np.testing.assert_allclose(frame.means, moved(index).means[:20], atol=1e-5)
        assert (window(scene.moving.windows, index / 4, scene.meta.fade) == 1.0).all()


def test_what_changes_its_looks_is_there_for_a_frame_each(tmp_path):
    frames = []
    for index in range(3):
        opacities = CLOUD.opacities.copy()
        opacities[:10] = 0.2 + 0.3 * index
        frames.append(replace(CLOUD, opacities=opacities))
    scene = sequence_scene(file_sequence(written(tmp_path, frames)), 1, 24.0)
    assert (scene.meta.static, scene.meta.moving) == (50, 30)
    for index in range(3):
        shown = window(scene.moving.windows, index / 2, scene.meta.fade) > 0.5
        np.testing.assert_allclose(
            scene.moving.gaussians.opacities[shown], 0.2 + 0.3 * index, atol=1e-5
        )
        assert shown.sum() == 10


def test_another_number_of_rows_makes_every_frame_its_own(tmp_path):
    scene = sequence_scene(
        file_sequence(written(tmp_path, [CLOUD, CLOUD[:40], CLOUD[:50]])), 1, 24.0
    )
    assert (scene.meta.static, scene.meta.moving) == (0, 150)
    counts = [
        int((window(scene.moving.windows, index / 2, scene.meta.fade) > 0.5).sum())
        for index in range(3)
    ]
    assert counts == [60, 40, 50]
    assert all(len(frame.means) == 150 for frame in scene.frames())


def test_what_would_be_too_large_is_refused_before_it_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(scenes, "MOST_ROWS", 100)
    with pytest.raises(LivescapeError) as caught:
        sequence_scene(file_sequence(written(tmp_path, [CLOUD, CLOUD[:59]])), 1, 24.0)
    assert caught.value.code == "sequence_too_large"
    assert "119 Gaussians" in caught.value.message


def test_a_damaged_frame_is_named(tmp_path):
    path = written(tmp_path, [moved(index) for index in range(3)])
    (tmp_path / "wave_010.ply").write_bytes(b"ply\n")
    with pytest.raises(LivescapeError, match=r"wave_010\.ply"):
        sequence_scene(file_sequence(path), 1, 24.0)


def test_an_usd_file_holds_its_own_frames(tmp_path):
    pytest.importorskip("pxr")
    path = tmp_path / "shot.usdc"
    frames = [(10 + index, Splats(moved(index))) for index in range(4)]
    export_frames(path, iter(frames), 24.0)
    found = file_sequence(path)
    assert (found.name, found.count) == ("shot", 4)
    scene = sequence_scene(found, 1, 24.0)
    assert (scene.meta.static, scene.meta.moving) == (40, 20)
    for index, frame in enumerate(scene.frames()):
        np.testing.assert_allclose(frame.means, moved(index).means[:20], atol=1e-4)
    export_frames(tmp_path / "one.usdc", iter(frames[:1]), 24.0)
    assert file_sequence(tmp_path / "one.usdc") is None


@pytest.mark.parametrize("ending", ["usdc", "usda"])
def test_colours_and_rows_that_change_come_back_from_usd(tmp_path, ending):
    pytest.importorskip("pxr")
    colours = [0.2, 0.2, 0.2, 0.7, 0.7, 0.4]
    frames = [
        replace(CLOUD, colors=np.full_like(CLOUD.colors, colour))[: 60 - 5 * (index == 4)]
        for index, colour in enumerate(colours)
    ]
    path = tmp_path / f"shot.{ending}"
    export_frames(path, ((7 + index, Splats(cloud)) for index, cloud in enumerate(frames)), 24.0)
    found = file_sequence(path)
    for index, wanted in enumerate(frames):
        read = found.read(index).splats.gaussians
        assert len(read) == len(wanted)
        np.testing.assert_allclose(read.colors, wanted.colors, atol=1e-5)
        np.testing.assert_allclose(read.means, wanted.means, atol=1e-4)


def curved(index):
    """Twenty rows go round a circle, ten change their looks at the third frame, the rest stand."""
    means, opacities = CLOUD.means.copy(), CLOUD.opacities.copy()
    angle = 0.4 * index
    means[:20] += np.float32([np.cos(angle) - 1.0, np.sin(angle), 0.0])
    opacities[20:30] = 0.3 if index < 2 else 0.6
    return replace(CLOUD, means=means, opacities=opacities)


def test_a_4dgs_scene_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "shot.4dgs"
    export_frames(path, ((5 + index, Splats(curved(index))) for index in range(6)), 12.0)
    found = file_sequence(path, fps=12.0)
    assert (found.name, found.count) == ("shot", 6)
    extent = np.ptp(CLOUD.means)
    for index in range(6):
        read, wanted = found.read(index), curved(index)
        assert read.axes == "z_up"
        seen = read.splats.gaussians.opacities > 0.0
        shown = read.splats.gaussians[np.flatnonzero(seen)]
        assert len(shown) == len(wanted)
        nearest = np.abs(shown.means[:, None] - wanted.means[None]).max(-1)
        order = nearest.argmin(axis=0)
        assert sorted(order) == list(range(len(wanted)))
        assert nearest.min(axis=0).max() < 2e-3 * extent
        np.testing.assert_allclose(shown.opacities[order], wanted.opacities, atol=0.01)
        np.testing.assert_allclose(shown.colors[order], wanted.colors, atol=0.01)


def test_a_4dgs_scene_may_have_another_number_of_rows_in_every_frame(tmp_path):
    path, counts = tmp_path / "shot.4dgs", [60, 40, 40, 0, 50]
    frames = [moved(index)[:count] for index, count in enumerate(counts)]
    export_frames(path, ((1 + index, Splats(cloud)) for index, cloud in enumerate(frames)), 24.0)
    found = file_sequence(path)
    for index, wanted in enumerate(frames):
        read = found.read(index).splats.gaussians
        shown = read[np.flatnonzero(read.opacities > 0.0)]
        assert len(shown) == len(wanted)
        if len(wanted):
            nearest = np.abs(shown.means[:, None] - wanted.means[None]).max(-1).min(axis=0)
            assert nearest.max() < 2e-3 * np.ptp(CLOUD.means)


def test_what_stands_is_written_once(tmp_path):
    path = tmp_path / "still.4dgs"
    export_frames(path, ((index, Splats(CLOUD)) for index in range(9)), 24.0)
    assert len(load_splats(path).splats) == len(CLOUD)


@pytest.mark.parametrize("cut", [10, 20, 40])
def test_a_damaged_4dgs_scene_is_refused(tmp_path, cut):
    path = tmp_path / "shot.4dgs"
    export_frames(path, ((index, Splats(curved(index))) for index in range(3)), 24.0)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(LivescapeError) as caught:
        load_splats(path)
    assert caught.value.code == "splats_invalid"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (float("nan"), "splats_invalid"),
        (float("inf"), "splats_invalid"),
        (-1.0, "splats_invalid"),
        (1e9, "sequence_too_large"),
        (1e308, "sequence_too_large"),
    ],
)
def test_a_4dgs_scene_of_an_impossible_length_is_refused(tmp_path, seconds, code):
    fourdgs = pytest.importorskip("fourdgs")
    path = tmp_path / "shot.4dgs"
    export_frames(path, ((index, Splats(CLOUD)) for index in range(2)), 24.0)
    fourdgs.write(str(path), fourdgs.read(str(path)).gaussians, seconds)
    with pytest.raises(LivescapeError) as caught:
        file_sequence(path)
    assert caught.value.code == code


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_view_dependent_colour_of_a_4dgs_scene_is_kept(tmp_path, degree):
    """A byte a coefficient, one channel after another, as the library's own importer writes."""
    fourdgs = pytest.importorskip("fourdgs")
    count = (degree + 1) ** 2 - 1
    rest = np.random.default_rng(degree).uniform(-2, 2, (len(CLOUD), count, 3))
    folder = tmp_path / "ply"
    folder.mkdir()
    write_ply(folder / "a_0001.ply", CLOUD, rest.astype(np.float32))
    rows, seconds = fourdgs.convert.convert_ply_sequence(str(folder), fps=24.0)
    path = tmp_path / "shot.4dgs"
    fourdgs.write(str(path), rows, seconds)
    found = load_splats(path).splats
    nearest = [
        int(np.abs(found.gaussians.means - mean).max(axis=1).argmin()) for mean in CLOUD.means
    ]
    np.testing.assert_allclose(found.harmonics[nearest], rest, atol=0.02)


def seen_rows(splats, wanted):
    """Return the row of ``splats`` that is shown nearest to each of ``wanted``."""
    shown = np.flatnonzero(splats.gaussians.opacities > 0.0)
    away = np.abs(splats.gaussians.means[shown][None] - wanted.means[:, None]).max(axis=2)
    return shown[away.argmin(axis=1)]


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_view_dependent_colour_is_written_to_4dgs(tmp_path, degree):
    """What stands, what moves and what changes its coefficients: as near as a byte comes."""
    count = (degree + 1) ** 2 - 1
    still = np.random.default_rng(degree).uniform(-2, 2, (len(CLOUD), count, 3))
    still = still.astype(np.float32)
    frames = []
    for index in range(4):
        rest = still.copy()
        rest[30:40] *= 1.0 - 0.2 * index
        frames.append(Splats(moved(index), rest))
    path = tmp_path / "shot.4dgs"
    export_frames(path, enumerate(frames), 24.0)
    found = file_sequence(path)
    for index, wanted in enumerate(frames):
        read = found.read(index).splats
        assert read.degree == degree
        rows = seen_rows(read, wanted.gaussians)
        assert sorted(rows) == sorted(np.flatnonzero(read.gaussians.opacities > 0.0))
        # Half a step of a byte each for being written, and for being held while it changes less.
        np.testing.assert_allclose(read.harmonics[rows], wanted.harmonics, atol=0.032)
    rows = seen_rows(found.read(0).splats, frames[0].gaussians)
    np.testing.assert_allclose(found.read(0).splats.harmonics[rows], still, atol=0.0158)


def test_frames_without_view_dependent_colour_have_none_in_4dgs(tmp_path):
    """A frame may lack what the others have; where none has it, nothing is written for it."""
    rest = np.random.default_rng(3).uniform(-1, 1, (len(CLOUD), 8, 3)).astype(np.float32)
    path = tmp_path / "shot.4dgs"
    export_frames(path, enumerate([Splats(CLOUD), Splats(CLOUD, rest)]), 24.0)
    found = file_sequence(path)
    for index, wanted in enumerate([np.zeros_like(rest), rest]):
        read = found.read(index).splats
        rows = seen_rows(read, CLOUD)
        np.testing.assert_allclose(read.harmonics[rows], wanted, atol=0.0158)
    export_frames(path, enumerate([Splats(CLOUD)] * 2), 24.0)
    assert load_splats(path).splats.harmonics is None


def test_every_frame_is_read_once_where_memory_allows():
    read = []

    def frame(index):
        read.append(index)
        return ImportedSplats.sound(Splats(curved(index)))

    sequence = SplatSequence("wave", 5, frame)
    scene = sequence_scene(sequence, 1, 24.0)
    assert len(list(scene.frames())) == 5
    assert sorted(read) == [0, 1, 2, 3, 4]
    read.clear()
    tight = held(sequence, most_bytes=0)
    tight.read(2)
    tight.read(2)
    assert read == [2, 2]


def numbered(folder, numbers, name="fog{}.ply"):
    for number in numbers:
        write_ply(folder / name.format(number), moved(number))
    return folder / name.format(numbers[0])


@pytest.mark.parametrize(("numbers", "count", "missing"), [
    ([8, 9, 10, 11], 4, 0), ([1, 2, 5, 6], 6, 2), ([10, 20, 40], 4, 1), ([2, 4, 6], 3, 0),
    ([7000, 15000, 30000], 3, 0), ([1, 100], 2, 0), ([0, 3, 4], 5, 2),
])  # fmt: skip
def test_a_missing_file_leaves_the_others_where_they_are(tmp_path, numbers, count, missing):
    found = file_sequence(numbered(tmp_path, numbers))
    assert (found.count, found.missing) == (count, missing)
    if not missing and count == len(numbers):
        for index, number in enumerate(numbers):
            np.testing.assert_allclose(
                found.read(index).splats.gaussians.means, moved(number).means, rtol=1e-5
            )
        return
    step = (numbers[-1] - numbers[0]) // (count - 1)
    for index in range(count):
        wanted = moved(numbers[0] + step * index).means
        np.testing.assert_allclose(found.read(index).splats.gaussians.means, wanted, atol=1e-3)
    assert sequence_scene(found, 1, 24.0).missing == missing


def test_of_another_number_of_rows_the_frame_before_stays(tmp_path):
    path = numbered(tmp_path, [1, 2])
    write_ply(tmp_path / "fog4.ply", CLOUD[np.arange(30)])
    found = file_sequence(path)
    assert [len(found.read(index).splats) for index in range(4)] == [60, 60, 60, 30]
