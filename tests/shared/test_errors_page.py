"""docs/errors.md names every code in the source, and no other."""

import ast
import functools
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("backend", "shared", "blender_addon")


def calls_of(tree, name):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if getattr(called, "id", getattr(called, "attr", None)) == name:
                yield node


def parameter_of(tree, call):
    """Return the function and position of the parameter that ``call`` takes its code from."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and call in ast.walk(function):
            names = [argument.arg for argument in function.args.args]
            if call.args[0].id in names:
                return function.name, names.index(call.args[0].id)
    message = f"line {call.lineno}: a code must be written out, here or where it is passed"
    raise AssertionError(message)


def codes_in(trees):
    """Return all codes: written in the call, or passed to the function that makes the error."""
    codes, through = set(), set()
    for tree in trees:
        for call in calls_of(tree, "LivescapeError"):
            if isinstance(call.args[0], ast.Constant):
                codes.add(call.args[0].value)
            else:
                through.add(parameter_of(tree, call))
    for function, position in through:
        passed = [call.args[position] for tree in trees for call in calls_of(tree, function)]
        codes |= {argument.value for argument in passed if isinstance(argument, ast.Constant)}
    return codes


@functools.cache
def source_codes():
    files = [path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")]
    return codes_in([ast.parse(path.read_text(encoding="utf-8")) for path in files])


def page_codes():
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `([a-z_0-9]+)` \|", text, re.MULTILINE)


def test_every_code_is_on_the_page():
    assert source_codes() - set(page_codes()) == set()


def test_the_page_names_no_code_that_is_gone():
    assert set(page_codes()) - source_codes() == set()


def test_the_page_names_each_code_once_with_advice():
    assert [code for code, count in Counter(page_codes()).items() if count > 1] == []
    rows = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8").split("\n")
    for row in rows:
        if row.startswith("| `"):
            cells = [cell.strip() for cell in row.strip("|").split("|")]
            assert len(cells) == 3
            assert all(cells), row


def test_codes_are_found_wherever_they_are_written():
    source = """
def refuse(size, code, text):
    raise LivescapeError(code, text)

refuse(3, "passed_on", "x")
errors.LivescapeError("written", "x")
"""
    assert codes_in([ast.parse(source)]) == {"passed_on", "written"}
    hidden = ast.parse("LivescapeError(table[name], 'x')")
    with pytest.raises((AssertionError, AttributeError)):
        codes_in([hidden])
