"""Truth rendered tiny by the Blender of this machine, once for all tests."""

import os
from pathlib import Path

import pytest

from livescape.evaluate.truth import Generator, Place

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT = 128, 72


@pytest.fixture(scope="session")
def generator(tmp_path_factory) -> Generator:
    """The generator with an empty cache."""
    named = os.environ.get("LIVESCAPE_BLENDER_PYTHON")
    python = Path(named) if named else ROOT / ".venv-blender" / "bin" / "python"
    if not python.exists():
        pytest.skip("no Python with Blender as a module: set LIVESCAPE_BLENDER_PYTHON")
    return Generator(
        python=python,
        scripts=ROOT / "scripts" / "truth",
        photo=ROOT / "demo" / "chenonceau_river.jpg",
        cache=tmp_path_factory.mktemp("truth"),
        samples=2,
    )


@pytest.fixture(scope="session")
def place():
    """A landscape by name, tiny."""
    return lambda name: Place(name, seed=1, width=WIDTH, height=HEIGHT)
