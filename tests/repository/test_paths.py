"""A clone is whole: nothing in it names a folder outside it."""

import pytest
from tests.repository.paths import (
    ROOT,
    places_in_python,
    places_in_text,
    text_of,
    tracked_files,
)

INVENTED = {
    "scripts/bare_machine.sh",
    "tests/repository/test_paths.py",
    "tests/server/test_launcher.py",
}
"""Files whose absolute paths are examples, or lie in a machine that the file itself makes."""


def named_outside(path):
    text = text_of(path)
    found = places_in_python(text, path) if path.suffix == ".py" else []
    if path.relative_to(ROOT).as_posix() not in INVENTED:
        found += places_in_text(text, path)
    return found


def test_no_file_names_a_place_outside_the_repository():
    named = {path.relative_to(ROOT).as_posix(): named_outside(path) for path in tracked_files()}
    assert {name: places for name, places in named.items() if places} == {}
    assert len(named) > 300


@pytest.mark.parametrize(
    "source",
    [
        'X = Path(__file__).resolve().parents[3] / "vectors"',
        "def f():\n    return Path(__file__).parent.parent.parent.parent",
        'X = Path(__file__).parents[2]\nY = X / ".." / "photos"',
        'from tests.repository.paths import ROOT\nX = ROOT.parent / "shared" / "scenes"',
        'X = Path(__file__).parents[2].joinpath("..", "clips")',
        'X = os.path.join(os.path.dirname(__file__), "../../../clips")',
        'from benchmarks.measure import OUT\nX = OUT.parents[2] / "photos"',
    ],
)
def test_a_climb_out_of_the_repository_is_seen(source):
    assert places_in_python(source, ROOT / "tests" / "repository" / "sample.py")


def test_what_stays_inside_is_no_climb():
    source = 'X = Path(__file__).parents[2]\nY = X / "demo" / ".." / "docs" / name / "x.md"'
    assert not places_in_python(source, ROOT / "tests" / "repository" / "sample.py")


@pytest.mark.parametrize(
    "text", ["see ../../shared/vectors/README.md", "cd ../../..", "PHOTO ?= /home/x/photos/a.jpg"]
)
def test_pages_and_scripts_are_read_too(text):
    assert places_in_text(text, ROOT / "docs" / "page.md")


def test_links_between_pages_stay_inside():
    assert not places_in_text("[a](../shared/a.py) https://x.org/home/x", ROOT / "docs" / "page.md")
