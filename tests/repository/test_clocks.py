"""Tests count work or turn a clock of their own; how long something takes is never asserted."""

import ast

import pytest
from tests.repository.imports import modules
from tests.repository.paths import ROOT, text_of

CLOCKS = {"time", "monotonic", "perf_counter", "process_time", "sleep"}
CLOCKS |= {f"{name}_ns" for name in CLOCKS}
WAITING = {"server", "addon", "shared", "leftovers.py"}
"""Rooms and helpers that wait for processes and threads."""


def clocks_read(source):
    """Return the calls of a module that read the machine's clock or wait for it."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [
        ast.unparse(call)
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and (call.func.value.id, call.func.attr) in {("time", name) for name in CLOCKS}
    ]


def test_no_test_reads_a_clock():
    paths = [
        path
        for path in modules("tests")
        if path.relative_to(ROOT / "tests").parts[0] not in WAITING
    ]
    read = {path.name: clocks_read(text_of(path)) for path in paths}
    assert {name: calls for name, calls in read.items() if calls} == {}
    assert len(paths) > 100


@pytest.mark.parametrize("source", ["time.monotonic()", "assert time.perf_counter() - t < 5"])
def test_a_clock_is_seen(source):
    assert clocks_read(source)
