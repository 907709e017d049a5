"""What is imported is declared, where it is imported."""

import pytest
from tests.repository.imports import BLENDER, declared, imported, modules, third_party

EXTRAS = ("backend", "evaluate", "models", "ray", "usd", "fourdgs", "cuda", "test")
ROOMS = {
    "shared": declared("usd", "fourdgs") | {"pillow"},  # where SOG is read outside Blender
    "backend": declared("backend", "evaluate", "models", "ray", "usd", "cuda"),
    "blender_addon": BLENDER | declared("addon", "usd", "fourdgs"),
    "tests": declared(*EXTRAS) | BLENDER,
    "benchmarks": declared(*EXTRAS) | BLENDER,
    "scripts": declared("backend", "models", "usd", "test") | BLENDER,
    "build_addon.py": set(),
    "build_manual.py": declared("test"),
}


@pytest.mark.parametrize("room", ROOMS)
def test_every_import_is_declared(room):
    paths = modules(room)
    undeclared = {path.name: third_party(path) - ROOMS[room] for path in paths}
    assert {name: found for name, found in undeclared.items() if found} == {}
    assert paths


def test_imports_are_seen_wherever_they_stand():
    source = (
        "import a.b\ndef f():\n    from c.d import e\n    require_package('f.g')\nfrom . import h"
    )
    assert imported(source) == {"a", "c", "f"}


def test_each_thing_is_declared_once():
    extras = [
        declared(extra) - declared()
        for extra in ("addon", "backend", "models", "ray", "usd", "fourdgs", "cuda", "test")
    ]
    together = set().union(*extras)
    assert sum(map(len, extras)) == len(together)
