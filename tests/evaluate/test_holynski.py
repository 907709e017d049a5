"""The folders of the Eulerian motion fields data set."""

import json
import pickle

import lz4.frame
import numpy as np
import pytest
from tests.evaluate.test_clips import HEIGHT, SHORE, WIDTH, flowing

from livescape.commands.main import main
from livescape.evaluate.holynski import find_scenes, read_motion, read_scene
from livescape.imaging.video import write_video
from livescape_shared.errors import LivescapeError

FLOW = np.zeros((1, 2, 2 * HEIGHT, 2 * WIDTH), np.float32)
FLOW[:, 0, 2 * SHORE :] = 2.0


@pytest.fixture
def folder(tmp_path):
    """One scene as published, in a folder of its own."""
    below = tmp_path / "validation"
    below.mkdir()
    film = np.repeat(np.repeat(flowing(12), 2, 1), 2, 2)
    write_video(below / "00980_00000_gt.mp4", film, 30.0)
    packed = lz4.frame.compress(pickle.dumps(FLOW))
    (below / "00980_00000_motion.pth").write_bytes(packed)
    (below / "00981_00000_gt.mp4").write_bytes(b"its motion is not there")
    return tmp_path


def test_a_scene_is_read_as_published(folder):
    [(name, film, motion)] = find_scenes(folder)
    assert name == "00980_00000"
    truth = read_scene(name, film, motion, WIDTH)
    assert truth.frames.shape == (12, HEIGHT, WIDTH, 3)
    assert truth.flow[-2, 10] == pytest.approx((1.0, 0.0))
    assert truth.moving[SHORE + 1 :].all()
    assert not truth.moving[: SHORE - 1].any()


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("old", [False, True])
def test_pickles_of_any_numpy_are_read(tmp_path, protocol, old):
    data = pickle.dumps(FLOW, protocol=protocol)
    if old and protocol == 2:  # names are lines there, so the old home can be written in place
        data = data.replace(b"numpy._core.", b"numpy.core.")
    (tmp_path / "a_motion.pth").write_bytes(data)
    assert np.array_equal(read_motion(tmp_path / "a_motion.pth"), np.moveaxis(FLOW[0], 0, -1))


class Evil:
    def __reduce__(self):
        return print, ("never",)


@pytest.mark.parametrize(
    "data", [pickle.dumps(Evil()), b"", b"\x04\x22\x4d\x18 cut off", pickle.dumps("words")]
)
def test_what_is_no_array_is_refused(tmp_path, data, capsys):
    (tmp_path / "a_motion.pth").write_bytes(data)
    with pytest.raises(LivescapeError, match=r"a_motion\.pth cannot be read") as caught:
        read_motion(tmp_path / "a_motion.pth")
    assert caught.value.code == "flow_invalid"
    assert "never" not in capsys.readouterr().out


def test_the_command_scores_scenes(folder, tmp_path):
    out, cache = tmp_path / "out", tmp_path / "cache"
    arguments = ["evaluate", "--holynski", str(folder), "--contenders", "photo,layered"]
    assert main([*arguments, "--ahead", "4", "--out", str(out), "--cache-dir", str(cache)]) == 0
    rows = json.loads((out / "results.json").read_text())["rows"]
    gains = {(r["tier"], r["contender"]): r["gain_moving"] for r in rows if "gain_moving" in r}
    assert gains["given", "layered"] > 1
    assert gains["hints", "layered"] > 0
    assert gains["given", "photo"] == 0


def test_a_folder_without_scenes_is_named(tmp_path, capsys):
    arguments = ["evaluate", "--holynski", str(tmp_path), "--out", str(tmp_path / "out")]
    assert main(arguments) == 2
    assert "holds no scene" in capsys.readouterr().err
