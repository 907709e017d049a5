"""Which third-party packages the modules of this repository import, and which are declared."""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions

from tests.repository.paths import ROOT, text_of, tracked_files

BLENDER = {"bpy", "zstandard", "bpy-extras", "bmesh", "mathutils", "numpy", "gpu", "gpu-extras"}
BLENDER |= {"bl-operators", "blf", "imbuf"}
"""What Blender brings along."""

OWN = {
    "livescape",
    "livescape_shared",
    "bridge",
    "generate",
    "setting_up",
    "build_addon",
    "build_manual",
}
OWN |= {"tests", "benchmarks", "scripts"}
ABSENT = {"no_such_package_of_anyone"}
"""What a test imports in order to fail."""

_BY_NAME = {"import_module", "require_package", "importorskip", "find_spec"}
_UNINSTALLED = {"patchmatch": "pypatchmatch"}
"""Modules whose distribution is not told by what is installed everywhere."""


def imported(source):
    """Return the top-level packages that a module imports, at its head or later, or by name."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found |= {name.name for name in names}
            case ast.ImportFrom(module=str() as module, level=0):
                found.add(module)
            case ast.Call(
                func=ast.Name(id=called) | ast.Attribute(attr=called),
                args=[ast.Constant(value=str() as module), *_],
            ) if called in _BY_NAME:
                found.add(module)
    return {name.split(".")[0] for name in found}


def third_party(path):
    """Return the distributions that a module imports, neither ours nor Python's own."""
    siblings = {other.stem for other in path.parent.iterdir()}
    siblings |= {other.stem for parent in path.parents[1:3] for other in parent.iterdir()}
    names = imported(text_of(path)) - set(sys.stdlib_module_names) - OWN - ABSENT - siblings
    return {_distribution(name) for name in names}


@cache
def _installed():
    return packages_distributions()


def _distribution(name):
    named = _UNINSTALLED.get(name) or _installed().get(name, [name])[0]
    return normal(named)


def normal(name):
    """Return a distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(*extras):
    """Return the distributions that pyproject.toml declares, those of the extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    lines = [*project["dependencies"], *(line for extra in extras for line in optional[extra])]
    return {normal(re.match(r"[\w.-]+", line)[0]) for line in lines}


def modules(*folders):
    """Return the Python files below some folders of the repository, or single files."""
    roots = [ROOT / folder for folder in folders]
    return [
        path
        for path in tracked_files()
        if path.suffix == ".py" and any(path.is_relative_to(root) for root in roots)
    ]
