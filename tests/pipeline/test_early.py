"""What is shown while the scene is made, and that the scene is the same with and without it."""

import numpy as np
import pytest
from tests.pipeline.support import request

from livescape.pipeline import generate, result_chunks
from livescape.stages import cover, early
from livescape_shared.errors import Cancelled


def made(folder, asked, show=None, report=lambda *_: None, cancelled=lambda: False):
    return generate(asked, report=report, cancelled=cancelled, cache_dir=folder, show=show)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A scene made with and without being shown early, what was shown, and what was reported."""
    shown, said = [], []
    asked = request(seed=11)

    def report(stage, step, total, fraction):
        said.append((stage, fraction, len(shown)))

    with_it = made(tmp_path_factory.mktemp("with"), asked, shown.append, report)
    without = made(tmp_path_factory.mktemp("without"), asked)
    return with_it, without, shown, said


def test_the_scene_is_the_same_to_the_bit(both):
    with_it, without, _, _ = both
    chunks = zip(result_chunks(with_it), result_chunks(without), strict=True)
    for (kind, index, meta, arrays), other in chunks:
        assert (kind, index, meta) == other[:3]
        for name, array in arrays.items():
            assert array.tobytes() == other[3][name].tobytes(), (kind, name)


def test_first_what_stands_then_what_moves_then_what_is_fitted(both):
    final, _, shown, _ = both
    assert [each.meta.moving > 0 for each in shown] == [False, True, True]
    assert [each.meta.loop_frames for each in shown] == [final.meta.loop_frames] * 3
    assert {each.meta.start_frame for each in shown} == {final.meta.start_frame}
    assert len(shown[2].still) == len(final.still)


def test_it_stands_where_the_scene_stands(both):
    final, _, shown, _ = both
    for each in shown:
        means = each.still.means
        assert np.isfinite(means).all()
        near, own = (np.median(np.linalg.norm(m, axis=1)) for m in (means, final.still.means))
        assert 0.5 < near / own < 2.0


def test_the_bar_stands_still_meanwhile_and_never_runs_back(both):
    _, _, _, said = both
    fractions = [fraction for _, fraction, _ in said]
    assert fractions == sorted(fractions)
    aside = [fraction for stage, fraction, seen in said if stage == early.NAME and seen < 2]
    assert len(set(aside)) == 1


def test_what_fails_early_is_left_to_the_real_run(tmp_path, monkeypatch, both):
    def fault(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(early, "put_together", fault)
    shown = []
    scene = made(tmp_path, request(seed=11), shown.append)
    assert not shown
    assert scene.meta == both[0].meta


def test_a_photo_in_which_nothing_moves_is_shown_once(tmp_path):
    shown = []
    made(tmp_path, request(seed=12, motion="none"), shown.append)
    assert [each.meta.moving for each in shown] == [0]


def test_cancelled_while_it_is_made(tmp_path):
    shown, stages = [], []
    with pytest.raises(Cancelled):
        made(
            tmp_path,
            request(seed=13),
            shown.append,
            lambda stage, *_: stages.append(stage),
            lambda: bool(shown),
        )
    assert (len(shown), stages[-1]) == (1, early.NAME)


def test_what_all_layers_share_is_made_once(tmp_path, monkeypatch):
    made_of = []

    def counted(*given, make=cover.surface_grid):
        made_of.append(given[0].layers)
        return make(*given)

    monkeypatch.setattr(cover, "surface_grid", counted)
    shown = []
    with pytest.raises(Cancelled):
        made(
            tmp_path,
            request(seed=15, loop="off"),
            shown.append,
            cancelled=lambda: len(shown) == 2,
        )
    assert len(made_of) == 1
    assert len(made_of[0]) > 2


@pytest.mark.parametrize(
    "settings", [{"deform": "hexplane"}, {"loop": "off"}, {"working_size": 64}, {"solver": "sgd"}]
)
def test_whatever_is_chosen_there_is_something_to_see(tmp_path, settings):
    shown = []
    with pytest.raises(Cancelled):
        made(
            tmp_path,
            request(seed=14, **settings),
            shown.append,
            cancelled=lambda: len(shown) == 2,
        )
    assert len(shown) == 2
