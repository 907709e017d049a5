"""Who takes part, by which settings."""

import re

import pytest

from livescape.commands.contenders import INPUTS, chosen_contenders, contender_settings
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


def test_a_name_may_change_a_setting():
    names = chosen_contenders("layered, ours, ours+solver=none, ours:preview+views=2+seed=3")
    found = contender_settings(names, DRAFT, [("ours+solver=none.views", "4")])
    assert found["ours+solver=none"] == DRAFT.changed(solver="none", views=4)
    preview = found["ours:preview+views=2+seed=3"]
    assert (preview.views, preview.seed) == (2, 3)
    assert preview.working_size == preset_settings("preview").working_size


@pytest.mark.parametrize("name", ["ours+solver=fast", "ours+pace=1", "ours+solver"])
def test_a_wrong_change_in_a_name_is_refused(name):
    with pytest.raises(LivescapeError) as caught:
        contender_settings(chosen_contenders(name), DRAFT, [])
    assert caught.value.code == "settings_invalid"


@pytest.mark.parametrize("name", ["layered+solver=none", "theirs", "ours:fast+views=2"])
def test_who_is_not_known_is_named(name):
    with pytest.raises(LivescapeError, match=re.escape(name)):
        chosen_contenders(name)
