"""What is said of one thing is not said in the plural, in English and in German."""

import ast
import re

import pytest
from tests.addon.shown_words import ADDON, shown_in, template
from tests.addon.test_translations import WORDS

from livescape_shared.counted import counted

MANY = re.compile(r"\{\d+\} (?:[a-z-]+ )?([A-Za-z]{2,}s)\b")
NO_NOUNS = set(
    "across always as becomes belongs cannot changes contains counts differs does encloses ends "
    "exists forbids gives has holds is its keeps lacks leads less lies moves needs plays runs says "
    "shows stands stays this was".split()
)
"""Words that end in s and name no number of things."""

UNITS = {"bytes", "pixels"}
"""What sizes are given in, which are never one."""

NEVER_ONE = {
    "{0} px, {1} Gaussians": "the smallest budget is in the thousands",
    "{0}: {1} Gaussians, {2} moving": "a photo has thousands",
    " in {0} frames": "said of more than one alone",
    "without the add-on, {0} is not the same at frame {1}: {2} of {3} corners": "a quad has four",
    "was not ready after {0} seconds": "a limit of many",
}


def in_pairs(tree):
    """Both wordings of every choice by number."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "counted":
            yield tuple(template(each) for each in node.args[1:])


def names(source):
    """Texts that give a number of things."""
    for line, text in shown_in(source):
        if any(found not in NO_NOUNS | UNITS for found in MANY.findall(text)):
            yield line, text


def sources():
    for path in sorted(ADDON.rglob("*.py")):
        if "translations" not in path.parts:
            yield path.relative_to(ADDON).as_posix(), path.read_text("utf-8")


def given_bare(source):
    """Texts in the plural that have no other wording for one."""
    pairs = {many for _, many in in_pairs(ast.parse(source))}
    return [(line, text) for line, text in names(source) if text not in pairs]


QUIET = ("bridge/collect.py", "bridge/sketch.py", "splats/", "farm/bundle.py")
"""Details of what a server has sent, and code: read by nobody in the interface."""


def test_no_text_speaks_of_one_thing_as_of_many():
    found = [
        (name, line, text)
        for name, source in sources()
        if not name.startswith(QUIET)
        for line, text in given_bare(source)
        if text not in NEVER_ONE
    ]
    assert found == []


@pytest.mark.parametrize("text", ['"{0} strokes"', 'f"Wrote {n} cameras"', 'f"{n} unused caches"'])
def test_the_plural_is_found_and_its_pair_lets_it_pass(text):
    assert given_bare(f"say({text})")
    assert not given_bare(f'say(counted(n, "x", {text}))')


def test_both_wordings_are_there_and_differ_in_german_too():
    pairs = [pair for _, source in sources() for pair in in_pairs(ast.parse(source))]
    assert len(pairs) > 8
    for one, many in pairs:
        assert one != many
        for english in (one, many):
            assert re.search(r"\{\d+\}", english), english
        known = {one, many} & WORDS.keys()
        if len(known) == 2 and "Gaussian" not in one:
            assert WORDS[one] != WORDS[many], one
        assert len(known) != 1, f"only one of {one!r} and {many!r} is translated"


def test_one_is_one_and_none_is_many():
    assert [counted(number, "one", "many") for number in (0, 1, 2)] == ["many", "one", "many"]
