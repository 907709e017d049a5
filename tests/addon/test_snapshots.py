"""Panels and node trees are as they were stored, in each Blender that snapshots are stored of.

A difference that is meant is stored by ``make snapshots``.
"""

import difflib

import pytest
from tests.addon import snapshots
from tests.addon.conftest import ROOT, install


def pythons():
    return sorted(ROOT.glob(".venv-blender-*/bin/python"))


@pytest.fixture(scope="module")
def found(blender, tmp_path_factory):
    return blender.run("snapshots.py", tmp_path_factory.mktemp("snapshots"))


def differences(kind, shown):
    known = snapshots.known(kind, shown["version"])
    assert set(shown[kind]) == set(known), "make snapshots"
    for name, text in shown[kind].items():
        lines = difflib.unified_diff(known[name].split("\n"), text.split("\n"), lineterm="", n=1)
        if changed := "\n".join(lines):
            yield f"{name} in {shown['version']}:\n{changed}"


def check(kind, shown):
    if snapshots.has_own(shown["version"]):
        assert "\n".join(differences(kind, shown)) == ""
    else:
        assert all(shown[kind].values())  # a version between: it draws


@pytest.mark.parametrize("kind", snapshots.KINDS)
def test_they_are_as_stored(kind, found):
    assert len(found[kind]) >= 6
    check(kind, found)


def test_they_are_as_stored_in_other_versions(blender, tmp_path_factory):
    others = [python for python in pythons() if python != blender.python]
    if not others:
        pytest.skip("there is one Blender only: make blenders installs more")
    for python in others:
        other = install(python, blender.zip_path, tmp_path_factory)
        shown = other.run("snapshots.py", tmp_path_factory.mktemp("snapshots"))
        for kind in snapshots.KINDS:
            check(kind, shown)


def test_what_is_the_same_is_stored_once(monkeypatch, tmp_path):
    monkeypatch.setattr(snapshots, "STORED", tmp_path)
    snapshots.store("panels", "4.5", {"one": "label a\n  box", "two": "label b"})
    snapshots.store("panels", "5.2", {"one": "label a\n  box", "two": "label c"})
    assert snapshots.stored_in(tmp_path / "panels-5.2.txt") == {"two": "label c"}
    assert snapshots.known("panels", "5.2") == {"one": "label a\n  box", "two": "label c"}
    assert snapshots.known("panels", "4.5")["two"] == "label b"
    assert snapshots.has_own("5.2")
    assert not snapshots.has_own("5.0")
