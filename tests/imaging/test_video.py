"""Videos and pictures are written whole or not at all, to any path, and what refuses is said."""

import contextlib
import resource
import stat

import numpy as np
import pytest
from tests.motion.clips import texture
from tests.rights import modes_bind_root

from livescape.imaging.png import read_pixels, read_png, write_png
from livescape.imaging.video import decode_clip, write_video
from livescape.output.folder import check_writable_folder
from livescape_shared.errors import LivescapeError

NAME = "Flußufer 河岸 ✓.mp4"


def frames(count=5, height=97, width=131):
    picture = np.repeat(texture(height, width)[..., None], 3, axis=-1).astype(np.uint8)
    return [np.roll(picture, 2 * number, axis=1) for number in range(count)]


@contextlib.contextmanager
def files_up_to(size):
    """Let no file grow beyond so many bytes, as a full disk does.

    No longer than the call itself: the run's own report may go to a file.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def code_of(function, *arguments):
    with pytest.raises(LivescapeError) as caught:
        function(*arguments)
    assert caught.value.hint
    return caught.value.code


@pytest.mark.parametrize("fps", [24, 12.5, 23.976, 29.97])
def test_a_video_holds_its_frames_at_its_rate(tmp_path, fps):
    write_video(tmp_path / "new" / NAME, iter(frames()), fps)
    clip = decode_clip((tmp_path / "new" / NAME).read_bytes())
    assert clip.fps == pytest.approx(fps, rel=1e-4)
    expected = np.stack(frames())[:, :96, :130]  # H.264 halves colour, so sides are even
    assert clip.frames.shape == expected.shape
    assert np.abs(clip.frames.astype(int) - expected).mean() < 2
    assert [path.name for path in (tmp_path / "new").iterdir()] == [NAME]


def test_no_frames_are_no_file(tmp_path):
    write_video(tmp_path / NAME, iter(()), 24)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("size", [0, 100, 20_000])
def test_a_full_disk_leaves_the_old_video_as_it_was(tmp_path, size):
    path = tmp_path / NAME
    path.write_bytes(b"the old one")
    many = frames(20, 480, 640)
    with files_up_to(size):
        code = code_of(write_video, path, many, 24)
    assert code == "disk_full"
    assert path.read_bytes() == b"the old one"
    assert list(tmp_path.iterdir()) == [path]


def test_what_stops_the_frames_stops_the_video(tmp_path):
    def broken():
        yield frames()[0]
        raise KeyError("frame")

    with pytest.raises(KeyError):
        write_video(tmp_path / NAME, broken(), 24)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("shapes", [[(1, 1)], [(96, 128), (96, 130)]])
def test_frames_that_make_no_video_are_told(tmp_path, shapes):
    wrong = [np.zeros((*shape, 3), np.uint8) for shape in shapes]
    assert code_of(write_video, tmp_path / NAME, wrong, 24) == "video_failed"
    assert not list(tmp_path.iterdir())


def test_a_file_is_no_folder(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"")
    for folder in (file, file / "below"):
        assert code_of(check_writable_folder, folder) == "output_not_writable"
        assert code_of(write_video, folder / NAME, frames(), 24) == "output_not_writable"


def test_a_folder_that_may_not_be_written_is_told(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with modes_bind_root():
        code = code_of(check_writable_folder, tmp_path)
    assert code == "output_not_writable"


def test_a_full_disk_is_told_before_the_work(tmp_path):
    with files_up_to(0):
        code = code_of(check_writable_folder, tmp_path)
    assert code == "disk_full"


def test_a_folder_is_made_and_left_empty(tmp_path):
    check_writable_folder(tmp_path / "a" / "b")
    assert not list((tmp_path / "a" / "b").iterdir())


def test_pictures_keep_their_pixels_under_any_name(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    path = tmp_path / "Bild 河.png"
    write_png(path, pixels)
    np.testing.assert_array_equal(read_pixels(path), pixels)
    np.testing.assert_allclose(read_png(path) * 255, pixels, atol=1e-4)


@pytest.mark.parametrize("content", [None, b"", b"no picture"])
def test_what_is_no_picture_is_unreadable(tmp_path, content):
    path = tmp_path / "frame.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LivescapeError) as caught:
        read_pixels(path)
    assert caught.value.code == "image_unreadable"
