"""The paper's method end to end, with everything small and without its networks."""

import numpy as np
import pytest
from tests.pipeline.support import request, run

from livescape_shared.conventions import FOR_EVER, SINCE_EVER
from livescape_shared.paper import PAPER
from livescape_shared.settings import preset_settings

SMALL = {
    "working_size": 128,
    "gaussian_budget": 3000,
    "view_set": "path",
    "views": 3,
    "fit_iterations": 3,
    "deform_iterations": 3,
    "loop_frames": 8,
    "depth": "popup",
    "motion": "auto",
    "animator": "splat",
}


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    settings = preset_settings("paper").changed(**SMALL).to_dict()
    return run(request(**settings), tmp_path_factory.mktemp("cache"))


def test_it_makes_one_drifting_copy_of_what_moves(scene):
    windows = scene.moving.all_copies().windows
    assert len(windows) == scene.meta.moving > 0
    np.testing.assert_array_equal(windows, np.tile([SINCE_EVER, FOR_EVER], (len(windows), 1)))
    assert scene.meta.blend == "srgb"
    start, later = (scene.moving.frame(index, 8).means for index in (0, 4))
    assert np.linalg.norm(later - start, axis=1).max() > 0


def test_the_report_tells_where_each_setting_is_written_and_what_was_used(scene):
    record = scene.report["paper_settings"]
    assert set(record) == set(PAPER)
    assert record["solver"] == {
        "value": "sgd",
        "source": "text and code",
        "note": PAPER["solver"].note,
        "used": "sgd",
    }
    assert record["depth"]["used"] == "popup"


def test_other_settings_make_no_such_record(tmp_path):
    scene = run(request(fit_iterations=1, deform_iterations=0, motion="none"), tmp_path)
    assert "paper_settings" not in scene.report
