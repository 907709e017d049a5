"""The engine's threads: same bits whatever their number, and safe to share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from tests.engine.scenes import leaves, random_scene
from torch import Tensor

from livescape.context.environment import Environment
from livescape.engine.rasterize import rasterize
from livescape.engine.ssim import photometric_loss
from livescape.engine.threads import (
    cpu_threads,
    run_pieces,
    set_thread_count,
    thread_count,
)

WIDTH, HEIGHT = 200, 130
COUNT = 20_000  # enough for every stage to be cut into pieces


@pytest.fixture(autouse=True)
def default_threads():
    yield
    set_thread_count(None)


def images_and_gradients() -> list[Tensor]:
    gaussians, cameras = random_scene(COUNT, WIDTH, HEIGHT, size=1.5)
    parameters = leaves(gaussians)
    view = rasterize(*parameters, *cameras, WIDTH, HEIGHT)
    loss = photometric_loss(view.colors[0], torch.full((HEIGHT, WIDTH, 3), 0.5))
    (loss + view.depths.mean()).backward()
    results = [view.colors, view.depths, view.alphas, loss]
    return [*results, *(parameter.grad for parameter in parameters)]


def test_same_bits_for_any_number_of_threads() -> None:
    results = []
    for threads in (1, 2, 3):
        set_thread_count(threads)
        results.append(images_and_gradients())
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            assert torch.equal(a.detach(), b.detach())


def test_concurrent_callers_share_the_pool() -> None:
    set_thread_count(2)
    alone = images_and_gradients()
    with ThreadPoolExecutor(3) as callers:
        crowd = [callers.submit(images_and_gradients) for _ in range(6)]
        for future in crowd:
            for a, b in zip(alone, future.result(timeout=60), strict=True):
                assert torch.equal(a.detach(), b.detach())


def test_an_error_in_a_piece_reaches_the_caller() -> None:
    def fail_at_three(piece: int, pieces: int) -> None:
        if piece == 3:
            raise RuntimeError(f"piece {piece} of {pieces}")

    set_thread_count(2)
    with pytest.raises(RuntimeError, match="piece 3 of 8"):
        run_pieces(fail_at_three, 8)


def test_every_piece_runs_once() -> None:
    seen: list[int] = []
    set_thread_count(3)
    run_pieces(lambda piece, pieces: seen.append(piece), 50)
    assert sorted(seen) == list(range(50))


def test_torch_gets_its_threads_back() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with cpu_threads():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(("value", "threads"), [("3", 3), ("none", None), ("0", None)])
def test_thread_count_from_the_environment(value: str, threads: int | None) -> None:
    default = thread_count()
    set_thread_count(Environment.read({"LIVESCAPE_THREADS": value}).threads)
    try:
        assert thread_count() == (threads or default)
    finally:
        set_thread_count(None)
    assert thread_count() == default >= 1


def test_fewer_than_one_thread_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        set_thread_count(0)
