"""How long a run still takes, told with a clock that the test winds."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "blender_addon"))

from generate.remaining import Stopwatch, clock_time, in_words
from generate.stage_names import stage_name

KNOWN = {"photo": 1.0, "layers": 20.0, "optimise": 60.0, "evaluate": 9.0}


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def run(watch, clock, *stages):
    """Go through stages, each with its seconds and the bar at its end."""
    for stage, seconds, fraction in stages:
        watch.see(stage, watch.fraction)
        clock.now += seconds
        watch.see(stage, fraction)


def test_what_is_left_is_what_such_runs_took_less_what_has_passed(clock):
    watch = Stopwatch(clock)
    run(watch, clock, ("starting the server", 30.0, 0.0), ("photo", 1.0, 0.1))
    assert watch.left(KNOWN) == pytest.approx(89.0)
    run(watch, clock, ("layers", 5.0, 0.2))
    assert watch.left(KNOWN) == pytest.approx(15.0 + 69.0)
    assert watch.elapsed == 36.0


def test_a_run_that_is_slower_than_the_others_takes_longer_to_its_end(clock):
    watch = Stopwatch(clock)
    run(watch, clock, ("photo", 2.0, 0.1), ("layers", 40.0, 0.3), ("optimise", 0.0, 0.3))
    assert watch.left(KNOWN) == pytest.approx(2 * 69.0)


def test_a_stage_that_takes_longer_than_it_did_never_makes_the_rest_negative(clock):
    watch = Stopwatch(clock)
    run(watch, clock, ("photo", 1.0, 0.1), ("layers", 500.0, 0.1))
    assert watch.left(KNOWN) == pytest.approx(69.0)


def test_without_earlier_runs_the_bar_tells_but_not_at_once(clock):
    watch = Stopwatch(clock)
    run(watch, clock, ("starting the server", 60.0, 0.0), ("photo", 0.0, 0.01))
    assert watch.left({}) is None
    run(watch, clock, ("layers", 9.0, 0.4))
    assert watch.left({}) is None
    run(watch, clock, ("layers", 11.0, 0.5))
    assert watch.left({}) == pytest.approx(20.0)


def test_what_comes_before_the_computation_teaches_nothing(clock):
    watch = Stopwatch(clock)
    run(watch, clock, ("starting the server", 9.0, 0.0), ("photo", 2.0, 0.1), ("early", 3.0, 0.1))
    run(watch, clock, ("photo", 1.0, 0.2))
    assert watch.seconds() == {"photo": 3.0, "early": 3.0}


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (None, ""),
        (0.0, "a few seconds left"),
        (9.9, "a few seconds left"),
        (10.0, "about 10 s left"),
        (44.0, "about 40 s left"),
        (54.9, "about 50 s left"),
        (58.0, "about 1 min left"),
        (140.0, "about 2 min left"),
        (3580.0, "about 1 h 0 min left"),
        (5400.0, "about 1 h 30 min left"),
    ],
)
def test_it_is_said_as_exactly_as_it_is_known(left, words):
    assert in_words(left) == words


def test_times_are_shown_as_clocks_do():
    assert [clock_time(each) for each in (0, 59.9, 65, 3725)] == ["0:00", "0:59", "1:05", "1:02:05"]


def test_every_stage_of_the_backend_has_a_plain_name():
    from livescape.context.progress import SHARES
    from livescape.stages.early import NAME

    for stage in [*SHARES["cpu"], NAME, "queue", "load", "request", "result", "done"]:
        assert stage_name(stage).lower() != stage, stage
    assert stage_name("a_new_stage") == "A new stage"
