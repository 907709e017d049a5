"""The documentation names only what exists, and its lines are short enough to read."""

import pkgutil
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "demo/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
BASES = (ROOT, ROOT / "shared", ROOT / "backend" / "livescape")
"""Folders that paths in the documentation start from."""

FOLDERS = {"backend", "shared", "blender_addon", "tests", "benchmarks", "scripts", "deploy", "farm"}
FOLDERS |= {path.name for base in BASES[1:] for path in base.iterdir() if path.is_dir()}
TARGETS = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
LONGEST_LINE = 100

FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def code_in(text):
    """Return what a page sets as code: its fenced blocks and its spans."""
    return "\n".join(FENCE.findall(text) + re.findall(r"`([^`]+)`", FENCE.sub("", text)))


def paths_in(text):
    """Return the paths that begin with a folder of the repository or of a package."""
    paths = re.findall(r"(?<![\w/.<>:-])[\w.-]+(?:/[\w.-]+)+", code_in(text))
    return {path for path in paths if path.split("/")[0] in FOLDERS}


def names_in(text):
    """Return the dotted names below our packages."""
    return set(re.findall(r"(?<![\w.])(?:livescape|livescape_shared)(?:\.\w+)+", code_in(text)))


def targets_in(text):
    """Return the targets that a page tells its reader to make."""
    return set(re.findall(r"(?:^|[`&] ?)make ([a-z][\w-]*)", text, re.MULTILINE))


def long_lines(text):
    """Return the lines over the limit outside code, tables and links that cannot be broken."""
    lines = FENCE.sub("", text).splitlines()
    return [
        line
        for line in lines
        if len(line) > LONGEST_LINE and not line.startswith("|") and "](http" not in line
    ]


@pytest.fixture(params=PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def text(request):
    return request.param.read_text(encoding="utf-8")


def test_paths_exist(text):
    missing = [p for p in paths_in(text) if not any((base / p).exists() for base in BASES)]
    assert missing == []


def test_modules_exist(text):
    for name in names_in(text):
        pkgutil.resolve_name(name)


def test_make_targets_exist(text):
    assert targets_in(text) - TARGETS == set()


def test_lines_wrap(text):
    assert long_lines(text) == []


def test_what_a_page_names_is_found():
    page = (
        "See `backend/livescape/gone.py`, `motion/gone.py: f` and `livescape.gone`; `make gone`.\n"
        "```sh\nmake lost  # not prose: make\n```\nWe make nothing here. "
        "The `out/demo/` of `bpy.ops.livescape.generate` is not ours.\n"
    )
    assert paths_in(page) == {"backend/livescape/gone.py", "motion/gone.py"}
    assert names_in(page) == {"livescape.gone"}
    assert targets_in(page) == {"gone", "lost"}
    assert long_lines("x" * 101 + "\n|" + "x" * 101 + "\n") == ["x" * 101]
