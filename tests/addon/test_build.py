"""The zip: complete, valid, the same every time, buildable without a network."""

import functools
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import threading
import tomllib
import zipfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import build_addon
import pytest
from tests.addon.conftest import ROOT, run_blender


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


def test_what_sets_the_backend_up_is_in_it_for_this_platform_alone(addon_zip, names):
    bundled = [name for name in names if name.startswith("bundled/")]
    (installer,) = [name for name in bundled if name.endswith(".whl")]
    assert sorted(bundled) == sorted([installer, "bundled/constraints.txt"])
    with zipfile.ZipFile(addon_zip) as archive:
        manifest = archive.read("blender_manifest.toml").decode()
        wheel = zipfile.ZipFile(io.BytesIO(archive.read(installer)))
    assert "Astral" in manifest, "whose licences are named"
    assert "uv-" not in manifest, "Blender does not unpack it"
    assert [name for name in wheel.namelist() if "/licenses/" in name]
    assert [name for name in wheel.namelist() if name.endswith(("/scripts/uv", "/scripts/uv.exe"))]


@pytest.mark.parametrize("target", build_addon.REPOSITORY_PLATFORMS)
def test_each_platform_asks_for_its_own_wheels(monkeypatch, tmp_path, target):
    asked = []

    def download(*command, **_):
        asked.append([str(part) for part in command])
        folder = Path(asked[-1][asked[-1].index("--dest") + 1])
        name, version = asked[-1][-1].split("==")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}-{version}-any.whl").touch()

    monkeypatch.setattr(build_addon, "WHEEL_CACHE", tmp_path)
    monkeypatch.setattr(build_addon, "_run", download)
    wheels = [*build_addon.vendored_wheels(target), build_addon.installer_wheel(target)]
    assert len(wheels) == 1 + 2 * len(build_addon.VENDORED) + 1
    own = {build_addon.PIP_PLATFORMS[target], build_addon.INSTALLER_PLATFORMS[target]}
    for command in asked[1:]:
        assert command[command.index("--platform") + 1] in own
        assert "--only-binary=:all:" in command
    pythons = {c[c.index("--python-version") + 1] for c in asked if "--python-version" in c}
    assert pythons == {"311", "313"}
    manifest = tomllib.loads(build_addon.manifest(target, wheels))
    assert manifest["platforms"] == [target]
    assert manifest.get("blender_version_max") == ("5.0.0" if target == "macos-x64" else None)


@pytest.fixture(scope="module")
def repository(addon_zip, blender_python, tmp_path_factory):
    folder = tmp_path_factory.mktemp("repository")
    shutil.copy(addon_zip, folder)
    tool = build_addon.blender_tool(blender_python)
    build_addon.write_index(folder, blender_python, tool)
    return folder


def test_the_index_of_a_repository_names_the_zip_and_what_is_in_it(repository, addon_zip):
    index = json.loads((repository / "index.json").read_text())
    assert (index["version"], index["blocklist"]) == ("v1", [])
    (entry,) = index["data"]
    assert (entry["id"], entry["type"]) == ("livescape", "add-on")
    assert entry["archive_url"] == f"./{addon_zip.name}"
    assert entry["archive_size"] == addon_zip.stat().st_size
    digest = hashlib.sha256(addon_zip.read_bytes()).hexdigest()
    assert entry["archive_hash"] == f"sha256:{digest}"
    assert entry["platforms"] == [build_addon.current_platform()]
    assert entry["blender_version_min"] == "4.5.0"
    assert set(entry["permissions"]) == {"network", "files"}
    assert addon_zip.name in (repository / "index.html").read_text()


_INSTALL = """
import bpy, os, sys
bpy.context.preferences.system.use_online_access = True
repos = bpy.context.preferences.extensions.repos
repo = repos.new(name="Own", module="own", remote_url=sys.argv[1])
bpy.ops.extensions.repo_sync(repo_directory=repo.directory)
bpy.ops.extensions.package_install(
    repo_directory=repo.directory, pkg_id="livescape", enable_on_install=True)
assert "bl_ext.own.livescape" in bpy.context.preferences.addons
assert hasattr(bpy.types, "LIVESCAPE_OT_set_up")
os._exit(0)
"""


def test_blender_installs_from_that_repository(repository, blender_python, tmp_path):
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(repository))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_address[1]}/index.json"
        try:
            run_blender(blender_python, tmp_path, "-c", _INSTALL, address)
        finally:
            server.shutdown()
            thread.join()


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
