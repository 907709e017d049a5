"""Refinement on the shared pool: same bits however it is cut, safe in two threads, stoppable."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from benchmarks.refine import make_scene
from tests.engine.test_eulerian import smooth_field
from tests.motion.support import camera

from livescape.engine.advect import integrate_3d
from livescape.engine.irls import cpu as irls_kernel
from livescape.engine.irls import cuda as irls_batched
from livescape.engine.irls import solve_irls
from livescape.engine.irls.observations import observe
from livescape.engine.threads import set_thread_count
from livescape.motion.refine import refine_motion
from livescape_shared.errors import Cancelled


@pytest.fixture(autouse=True)
def two_threads():
    set_thread_count(2)
    yield
    set_thread_count(None)


@pytest.fixture(scope="module")
def scene():
    return make_scene(8.0, 2.0, count=3000, views=6)


def everything(scene):
    refined = refine_motion(scene.points, scene.views)
    carried = integrate_3d(scene.points, smooth_field(64, 96), camera(), 20)
    return refined.motion, refined.residual, carried


def test_two_python_threads_may_refine_at_once(scene):
    alone = everything(scene)
    with ThreadPoolExecutor(3) as callers:
        for future in [callers.submit(everything, scene) for _ in range(6)]:
            for expected, found in zip(alone, future.result(timeout=60), strict=True):
                np.testing.assert_array_equal(found, expected)


def test_the_number_of_threads_and_parts_changes_no_bit(scene, monkeypatch):
    expected = everything(scene)
    set_thread_count(1)
    monkeypatch.setattr(irls_kernel, "_POINTS_A_STEP", 777)
    for one, other in zip(expected, everything(scene), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("solver", "total"), [("irls", None), ("sgd", 200)])
def test_progress_may_stop_it(scene, monkeypatch, solver, total):
    monkeypatch.setattr(irls_kernel, "_POINTS_A_STEP", 1000)
    seen = []

    def progress(done, of):
        if done:  # before the solver begins, the views are sampled
            seen.append((done, of))
        if len(seen) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        refine_motion(scene.points, scene.views, solver=solver, progress=progress)
    assert len(seen) == 2
    assert seen[0][0] < seen[1][0] < seen[1][1] == (total or len(scene.points))


def test_the_batched_solver_reports_its_chunks(scene, monkeypatch):
    monkeypatch.setattr(irls_batched, "_CHUNK", len(scene.views) * 1000)
    seen = []
    observations = observe(scene.points, scene.views)
    motion = solve_irls(
        observations, None, device="cpu:0", progress=lambda *step: seen.append(step)
    )
    count = len(scene.points)
    assert seen == [(1000, count), (2000, count), (3000, count), (count, count)]
    assert motion.shape == (count, 3)
