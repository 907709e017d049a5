"""Small pieces of the CPU engine on their own."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from livescape.engine import jit
from livescape.engine.rasterize.cpu.depth_order import depth_order
from livescape.engine.simd import (
    LANES,
    add_products,
    broadcast,
    distances,
    empty_bank,
    falloff,
    load,
    magnitude,
    store,
    store_totals,
    total,
)
from livescape.engine.threads import set_thread_count
from livescape.engine.warmup import warmup


@jit.kernel
def falloff_of(values, results):
    for i in range(0, len(values), LANES):
        store(results, i, falloff(load(values, i)))


@jit.kernel
def lane_sums(values, start, results):
    index = distances(start + start, start)
    results[0] = total(index)
    results[1] = total(magnitude(load(values, 0) - index) / 2.0)
    bank = empty_bank(index, (0, 0))
    bank = add_products(bank, index, values, 0, LANES)
    bank = add_products(bank, broadcast(start), values, 0, LANES)
    store_totals(results, 2, bank)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 7e-7), (np.float64, 1e-15)])
def test_falloff_is_an_exponential(dtype: type, tolerance: float) -> None:
    sigma = np.linspace(0.0, math.log(255.0), 16 * 2000).astype(dtype)
    values = np.empty_like(sigma)
    falloff_of(sigma, values)
    truth = np.exp(-sigma.astype(np.float64))
    assert np.max(np.abs(values / truth - 1.0)) < tolerance


def test_falloff_stays_below_the_threshold_far_out() -> None:
    sigma = np.array([5.55, 5.6, 6.0, 20.0, 1e4, 1e30, np.inf, 5.6] * 2, np.float32)
    values = np.empty_like(sigma)
    falloff_of(sigma, values)
    assert np.all((values >= 0) & (values < 1 / 255))


def test_lane_operations() -> None:
    values = np.arange(2 * LANES, dtype=np.float64) ** 1.5
    results = np.zeros(4)
    lane_sums(values, 3.0, results)
    index = 3.0 + np.arange(LANES)
    first, second = values[:LANES], values[LANES:]
    expected = [
        index.sum(),
        np.abs(first - index).sum() / 2.0,
        ((index + 3.0) * first).sum(),
        ((index + 3.0) * second).sum(),
    ]
    np.testing.assert_allclose(results, expected, rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("threads", [1, 3])
def test_depth_order_is_a_stable_sort(dtype: type, threads: int) -> None:
    rng = np.random.default_rng(1)
    depths = rng.choice(np.exp(rng.uniform(-4.0, 20.0, 5000)), 250_000).astype(dtype)  # many ties
    visible = np.flatnonzero(rng.random(len(depths)) < 0.9).astype(np.int32)
    set_thread_count(threads)
    try:
        order = depth_order(depths, visible)
    finally:
        set_thread_count(None)
    expected = visible[np.argsort(depths[visible], kind="stable")]
    assert np.array_equal(order, expected)


def test_depth_order_of_nothing() -> None:
    assert len(depth_order(np.ones(3, np.float32), np.empty(0, np.int32))) == 0


def test_cache_lies_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jit.cache_folder.cache_clear()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    try:
        assert jit.cache_folder().parent == tmp_path
    finally:
        jit.cache_folder.cache_clear()


def test_cache_survives_folders_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file is in the way")
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(blocked))
    jit.cache_folder.cache_clear()
    try:
        folder = jit.cache_folder()
        assert folder.is_dir()
        assert blocked not in folder.parents
    finally:
        jit.cache_folder.cache_clear()


def test_changed_sources_get_a_cache_of_their_own(tmp_path: Path) -> None:
    source = tmp_path / "deep" / "kernels.py"
    source.parent.mkdir()
    source.write_text("SCALE = 1")
    first, again = jit.source_digest(tmp_path), jit.source_digest(tmp_path)
    source.write_text("SCALE = 2")
    assert first == again
    assert jit.source_digest(tmp_path) != first


def test_warmup_reports_and_leaves_nothing_to_compile() -> None:
    sentences: list[str] = []
    first = warmup(sentences.append)
    assert first > 0
    assert [s.split()[0] for s in sentences] == ["Preparing", "The"]
    assert warmup() < 0.5


def test_importing_the_engine_compiles_nothing() -> None:
    """A server or a test that never renders must not pay for the compiler."""
    script = (
        "import livescape.gaussians.optimise, livescape.engine.rasterize.cpu.blend_kernels as f;"
        "assert not f.blend_pieces.signatures"
    )
    paths = [str(Path(jit.__file__).parents[2]), *sys.path]
    subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}; {script}"],
        check=True,
        timeout=60,
    )
