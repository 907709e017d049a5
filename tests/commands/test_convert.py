"""``livescape convert``: still and moving splats become files of other kinds."""

import numpy as np
import pytest
from tests.shared.splat_samples import moderate

from livescape.commands.main import main
from livescape_shared.formats.load import load_splats
from livescape_shared.formats.sequence import file_sequence
from livescape_shared.ply import write_ply

CLOUD = moderate(40).gaussians


def moved(index):
    means = CLOUD.means.copy()
    means[:10, 0] += 0.3 * index
    return means


@pytest.fixture
def files(tmp_path):
    """Write five numbered files and return the first."""
    for index in range(5):
        write_ply(
            tmp_path / f"wave_{index}.ply", type(CLOUD)(**{**vars(CLOUD), "means": moved(index)})
        )
    return tmp_path / "wave_0.ply"


def test_numbered_files_become_one_scene_and_go_back(files, tmp_path):
    assert main(["convert", str(files), str(tmp_path / "wave.4dgs")]) == 0
    assert file_sequence(tmp_path / "wave.4dgs").count == 5
    assert main(["convert", str(tmp_path / "wave.4dgs"), str(tmp_path / "back_##.ply")]) == 0
    for index in range(5):
        found = load_splats(tmp_path / f"back_{index + 1:02}.ply").splats.gaussians
        seen = found[np.flatnonzero(found.opacities > 1e-3)]
        nearest = np.abs(seen.means[:, None] - moved(index)[None]).max(-1).min(axis=0)
        assert nearest.max() < 1e-2


def test_one_file_becomes_another_kind(files, tmp_path):
    alone = tmp_path / "still.ply"
    write_ply(alone, CLOUD)
    assert main(["convert", str(alone), str(tmp_path / "still.spz")]) == 0
    found = load_splats(tmp_path / "still.spz")
    assert len(found.splats) == len(CLOUD)
    assert found.axes == "y_up"


def test_an_unknown_kind_is_refused_before_anything_is_read(files, tmp_path, capsys):
    assert main(["convert", str(tmp_path / "none.ply"), str(tmp_path / "x.obj")]) == 2
    assert "export_format_unknown" in capsys.readouterr().err


@pytest.mark.parametrize("fps", ["0", "-24", "nan", "fast"])
def test_a_speed_that_is_none_is_refused_by_the_options(files, tmp_path, capsys, fps):
    with pytest.raises(SystemExit):
        main(["convert", str(files), str(tmp_path / "wave.4dgs"), f"--fps={fps}"])
    assert "--fps" in capsys.readouterr().err


@pytest.mark.parametrize("names", [("alone.ply",), ("far_1.ply", "far_2.ply")])
def test_where_positions_count_from_is_said_of_a_scene_far_from_its_origin(names, tmp_path, capsys):
    for name in names:
        far = CLOUD.means + np.float32(500_000)
        write_ply(tmp_path / name, type(CLOUD)(**{**vars(CLOUD), "means": far}))
    assert main(["convert", str(tmp_path / names[0]), str(tmp_path / "near_#.ply")]) == 0
    assert capsys.readouterr().err.count("(500000, 500000, 500000)") == 1
