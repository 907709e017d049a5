"""The zip: complete, valid, the same every time, buildable without a network."""

import hashlib
import os
import subprocess
import sys
import tomllib
import zipfile

import pytest
from tests.addon.conftest import ROOT


@pytest.fixture(scope="module")
def names(addon_zip):
    with zipfile.ZipFile(addon_zip) as archive:
        return archive.namelist()


def test_manifest_lists_every_wheel(addon_zip, names):
    with zipfile.ZipFile(addon_zip) as archive:
        manifest = tomllib.loads(archive.read("blender_manifest.toml").decode())
    assert sorted(manifest["wheels"]) == sorted(f"./{n}" for n in names if n.startswith("wheels/"))
    assert set(manifest["permissions"]) == {"network", "files"}
    assert manifest["blender_version_min"] == "4.5.0"


@pytest.mark.parametrize("wanted", ["livescape-", "pyzmq-", "msgpack-", "platformdirs-"])
def test_wheels_are_there(names, wanted):
    assert any(name.startswith(f"wheels/{wanted}") for name in names)


@pytest.mark.parametrize("abi", ["cp311", "cp313"])
def test_both_python_versions_are_served(names, abi):
    assert any(f"-{abi}-" in name for name in names)


def test_nothing_superfluous(names):
    assert not [name for name in names if "__pycache__" in name or "test" in name]
    assert "LICENSE" in names


def test_second_build_is_the_same_and_needs_no_network(addon_zip, tmp_path):
    unreachable = {"PIP_NO_INDEX": "1", "PIP_INDEX_URL": "http://127.0.0.1:9/"}
    subprocess.run(
        [sys.executable, str(ROOT / "build_addon.py"), "--out", str(tmp_path)],
        env={**os.environ, **unreachable},
        check=True,
        capture_output=True,
        timeout=240,
    )
    second = next(tmp_path.glob("*.zip"))
    assert second.name == addon_zip.name
    first_sum, second_sum = (
        hashlib.sha256(path.read_bytes()).hexdigest() for path in (addon_zip, second)
    )
    assert first_sum == second_sum
