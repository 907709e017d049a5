"""A file saved by one Blender plays in another, older or newer, with the same pixels."""

import numpy as np
import pytest
from tests.addon import oracle
from tests.addon.conftest import ROOT, install

FRAMES = [5, 20]


@pytest.fixture(scope="module")
def newest(blender, tmp_path_factory):
    """Return the newest further Blender that ``make blenders`` installed."""
    pythons = sorted(ROOT.glob(".venv-blender-*/bin/python"))
    others = [python for python in pythons if python != blender.python]
    if not others:
        pytest.skip("there is one Blender only: make blenders installs more")
    return install(others[-1], blender.zip_path, tmp_path_factory)


@pytest.fixture(scope="module")
def saved(blender, newest, tmp_path_factory):
    folders = [tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("newest")]
    return [
        each.run("version_save.py", folder, frames=FRAMES)
        for each, folder in zip((blender, newest), folders, strict=True)
    ]


def _difference(saved, opened):
    pairs = [(saved["images"][str(f)], opened["images"][str(f)]) for f in FRAMES]
    return min(oracle.psnr(np.load(ours), np.load(theirs)) for ours, theirs in pairs)


def test_each_opens_the_others_file(blender, newest, saved, tmp_path):
    for opener, theirs in ((newest, saved[0]), (blender, saved[1])):
        opened = opener.run(
            "object_elsewhere.py", tmp_path, addon=True, blend=theirs["blend"], frames=FRAMES
        )
        assert _difference(theirs, opened) >= 80.0


def test_a_newer_one_needs_no_addon(newest, saved, tmp_path):
    bare = tmp_path / "no_addon"
    opened = newest.run(
        "object_elsewhere.py", tmp_path, resources=bare, blend=saved[0]["blend"], frames=FRAMES
    )
    assert not opened["has_addon"]
    assert _difference(saved[0], opened) >= 80.0
