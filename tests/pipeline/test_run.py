"""Progress, cancelling and time of one run; which engine computes."""

import importlib.util
import threading

import pytest
import torch

from livescape.context import device
from livescape.context.environment import DEVICE
from livescape.context.progress import SHARES, Progress, peak_memory_mb
from livescape_shared.errors import Cancelled, LivescapeError


def test_fractions_rise_from_nothing_to_all():
    seen = []
    run = Progress(lambda *progress: seen.append(progress), lambda: False)
    for name in SHARES["cpu"]:
        with run.stage(name):
            for step in range(1, 6):
                run.step(step, 5)
    run.finish()
    fractions = [fraction for *_, fraction in seen]
    assert fractions[0] == 0.0
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert seen[-1] == ("done", 1, 1, 1.0)
    assert {stage for stage, *_ in seen} == {*SHARES["cpu"], "done"}
    assert sum(SHARES["cpu"].values()) == pytest.approx(1.0)
    assert set(run.seconds) == set(SHARES["cpu"])
    assert min(run.seconds.values()) >= 0.0


def test_a_stage_without_steps_does_not_divide_by_them():
    seen = []
    run = Progress(lambda *progress: seen.append(progress), lambda: False)
    with run.stage("photo"):
        run.step(0, 0)
    assert seen[-1][3] == 0.0


@pytest.mark.parametrize("allowed", range(4))
def test_cancelling_takes_effect_at_the_next_step(allowed):
    asked = []

    def cancelled():
        asked.append(True)
        return len(asked) > allowed

    reported = []
    run = Progress(lambda *progress: reported.append(progress), cancelled)
    with pytest.raises(Cancelled):  # noqa: PT012
        for name in ("photo", "layout"):
            with run.stage(name):
                run.step(1, 1)
    assert len(reported) == allowed


def test_errors_carry_the_stage_they_happened_in_and_keep_their_own():
    run = Progress(lambda *_: None, lambda: False)
    for given, expected in (("", "depth"), ("motion", "motion")):
        with pytest.raises(LivescapeError) as caught, run.stage("depth"):
            raise LivescapeError("depth_missing", "No depth.", stage=given)
        assert caught.value.stage == expected
    assert "depth" in run.seconds
    with pytest.raises(ZeroDivisionError), run.stage("depth"):
        1 / 0  # noqa: B018


@pytest.mark.parametrize("on", SHARES)
def test_the_bar_never_runs_back_and_parts_stay_in_their_share(on):
    seen = []
    run = Progress(lambda *progress: seen.append(progress[3]), lambda: False)
    with run.stage("optimise"):
        start = seen[-1]
        with run.part(0.5, 1.0):
            run.step(1, 2)
            assert seen[-1] == pytest.approx(start + 0.75 * SHARES["cpu"]["optimise"])
            run.step(0, 2)
        run.step(1, 10)
    assert seen == sorted(seen)
    assert sum(SHARES[on].values()) == pytest.approx(1.0)
    assert list(SHARES[on]) == list(SHARES["cpu"])


def test_a_call_that_cannot_be_asked_is_watched_from_outside():
    """Cancelling is heard while it goes on, and whoever hears it knows that it does."""
    begun, end, seen = threading.Event(), threading.Event(), []

    def work():
        begun.set()
        assert end.wait(60)

    run = Progress(lambda *progress: seen.append(progress), begun.is_set)
    with pytest.raises(Cancelled) as caught:
        run.waiting(work)
    assert caught.value.unfinished
    end.set()


def test_waiting_hands_on_results_and_errors():
    run = Progress(lambda *_: None, lambda: False)
    assert run.waiting(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        run.waiting(lambda: 1 / 0)


def test_memory_is_that_of_a_process_with_torch():
    assert 50 < peak_memory_mb() < 200_000


def test_every_stage_has_a_device_peak_of_its_own_where_there_is_a_gpu(monkeypatch):
    held = {"now": 0, "most": 0}
    monkeypatch.setattr(
        torch.cuda, "reset_peak_memory_stats", lambda: held.update(most=held["now"])
    )
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: held["most"])
    run = Progress(lambda *_: None, lambda: False, "cuda")
    for name, most, left in (("views", 300, 100), ("optimise", 200, 50), ("deform", 50, 50)):
        with run.stage(name):
            held.update(now=left * 2**20, most=max(held["most"], most * 2**20))
    assert run.peak_device_memory_mb == {"views": 300.0, "optimise": 200.0, "deform": 50.0}


def test_without_a_gpu_none_of_its_memory_is_told():
    run = Progress(lambda *_: None, lambda: False)
    with run.stage("photo"):
        pass
    assert run.seconds
    assert run.peak_device_memory_mb == {}


@pytest.mark.parametrize(
    ("variable", "gpu", "gsplat", "expected", "reason"),
    [
        ("", False, True, "cpu", "no CUDA"),
        ("", True, False, "cpu", "gsplat is not installed"),
        ("", True, True, "cuda", "with gsplat"),
        ("cpu", True, True, "cpu", DEVICE),
        ("cuda", False, True, "cpu", "no CUDA"),
    ],
)
def test_the_device_and_why(monkeypatch, variable, gpu, gsplat, expected, reason):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "A GPU")
    found = object() if gsplat else None
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: found)
    name, sentence = device.choose_device(variable)
    assert name == expected
    assert reason in sentence
