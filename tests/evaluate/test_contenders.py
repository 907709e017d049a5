"""Who takes part, by which settings."""

import pytest

from livescape.commands.contenders import INPUTS, contender_settings
from livescape_shared.errors import LivescapeError
from livescape_shared.settings import preset_settings

DRAFT = preset_settings("draft").changed(loop_frames=60)


def test_presets_differ_in_method_and_share_their_inputs():
    found = contender_settings(("photo", "layered", "ours", "ours:preview", "paper"), DRAFT, [])
    assert list(found) == ["ours", "ours:preview", "paper"]
    assert found["ours"] == DRAFT
    assert found["ours:preview"].working_size == preset_settings("preview").working_size
    assert (found["paper"].solver, found["paper"].deform) == ("sgd", "drift")
    for own in found.values():
        assert all(getattr(own, name) == getattr(DRAFT, name) for name in INPUTS)


def test_a_change_is_for_all_or_for_one():
    names = ("ours", "paper")
    changes = [("fit_iterations", "7"), ("paper.views", "3"), ("paper.fit_iterations", "9")]
    found = contender_settings(names, DRAFT, changes)
    assert (found["ours"].fit_iterations, found["paper"].fit_iterations) == (7, 9)
    assert (found["ours"].views, found["paper"].views) == (DRAFT.views, 3)


@pytest.mark.parametrize(
    ("name", "said"), [("paper.views", "'paper'"), ("ours.pace", "'pace'"), ("pace", "'pace'")]
)
def test_a_change_that_concerns_nobody_is_named(name, said):
    with pytest.raises(LivescapeError, match=said):
        contender_settings(("ours",), DRAFT, [(name, "3")])
