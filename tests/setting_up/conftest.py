"""Modules of the add-on that know no Blender, and small packages for uv to install."""

import sys

import build_addon
import pytest
from tests.setting_up.wheels import ROOT, bundle_of, write_wheel

sys.path.insert(0, str(ROOT / "blender_addon"))


@pytest.fixture(scope="session")
def uv_wheel():
    """The wheel of uv that the extension brings for this platform."""
    return build_addon.installer_wheel(build_addon.current_platform())


@pytest.fixture
def bundle(uv_wheel, tmp_path):
    """An extension whose backend is a small package with one dependency."""
    return bundle_of(tmp_path / "extension", uv_wheel)


@pytest.fixture
def wheels(tmp_path):
    """A folder with the wheel of that dependency."""
    folder = tmp_path / "wheels"
    write_wheel(folder, "tiny", "1.0", {"tiny.py": "value = 1\n"})
    return folder
