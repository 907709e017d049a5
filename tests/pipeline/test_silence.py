"""Every loop that can last reports and hears cancel: a clock that counts work finds a silent one.

The clock ticks once for each call of a function of ours. A loop that says nothing is silent for
longer the more turns it has; one that reports at every turn is not.
"""

import sys
from collections import defaultdict
from pathlib import Path

import pytest
from tests.pipeline.support import path, request, run

import livescape
from livescape.context.environment import THREADS
from livescape.context.progress import Progress
from livescape.deform import deformation_models
from livescape.engine.threads import set_thread_count

OURS = str(Path(livescape.__file__).parent)
SMALL = {"views": 4, "fit_iterations": 3, "deform_iterations": 2, "loop_frames": 8}
TINIEST = {"working_size": 64, "gaussian_budget": 1000}
VARIANTS = {
    "basis": {},
    "hexplane, all views": {"deform": "hexplane", "animated_views": "all"},
    "paper's forms": {"deform": "drift", "solver": "sgd", "view_set": "released"},
}


def silences(folder, camera_path, **settings):
    """Return the longest silence of every stage of a generation, in calls of our functions."""
    clock, heard, stage = 0, 0, "photo"
    longest = defaultdict(int)

    def tick(frame, event, _):
        nonlocal clock
        clock += event == "call" and frame.f_code.co_filename.startswith(OURS)

    def report(name, *_):
        nonlocal heard, stage
        longest[stage] = max(longest[stage], clock - heard)
        heard, stage = clock, name

    def watched(progress, work):
        """A call that is watched from outside by wall time counts as one step."""
        sys.setprofile(None)
        try:
            result = work()
        finally:
            sys.setprofile(tick)
        progress.step(*progress._last)
        return result

    previous = sys.getprofile()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(THREADS, "1")  # else whoever is free takes the pieces of a kernel
        patch.setattr(Progress, "waiting", watched)
        patch.setattr(deformation_models, "DISTIL_STEPS", 2 * settings["deform_iterations"])
        sys.setprofile(tick)
        try:
            run(request(camera_path, **TINIEST, **settings), folder, report)
        finally:
            sys.setprofile(previous)
            set_thread_count(None)
    return dict(longest)


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_more_turns_of_a_loop_are_no_longer_silence(tmp_path, variant, record_property):
    small = {**SMALL, **variant}
    large = small | {name: 3 * small[name] for name in SMALL}
    short = silences(tmp_path / "short", path(frames=6), **small)
    long = silences(tmp_path / "long", path(frames=18), **large)
    record_property("longest_silence_in_steps", long)
    grown = {
        stage: (short[stage], steps)
        for stage, steps in long.items()
        if steps > 1.25 * short.get(stage, 0) + 12
    }
    assert not grown, f"stages that fall silent, with their steps: {grown}"


def test_the_clock_finds_a_silent_loop(tmp_path, monkeypatch):
    """The test would fail where a stage's loop stopped reporting."""
    from livescape.views import training

    silent = training.training_views
    monkeypatch.setattr(
        "livescape.stages.gaussians.training_views",
        lambda *given, progress, **named: silent(*given, **named),
    )
    few, many = (
        silences(tmp_path / str(n), path(), **{**SMALL, "views": n, "view_set": view_set})
        for n, view_set in ((4, "path"), (25, "released"))
    )
    assert many["views"] > 1.25 * few["views"] + 12
