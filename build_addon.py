"""Build the Blender extension: ``python build_addon.py`` writes ``dist/livescape-...zip``.

The zip holds the add-on, the wheel of this project, and the wheels that it needs in Blender:
pyzmq, msgpack and greenlet for the Python versions of the supported Blenders, platformdirs for any.
With the wheel of this project, that of uv and the versions that we test with (``bundled/``), the
add-on sets up the backend. ``docs`` travel as web pages (``manual/``), which F1 in Blender opens.
Downloaded wheels stay in ``build/wheels``; with them there, no network is needed.

``python build_addon.py --repository`` writes the zips of all platforms and, by Blender's own tool,
the ``index.json`` of an extension repository that any web server can serve.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import logging
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from build_manual import manual_files

LOGGER = logging.getLogger("build_addon")
ROOT = Path(__file__).resolve().parent
ADDON = ROOT / "blender_addon"
WHEEL_CACHE = ROOT / "build" / "wheels"

VENDORED = ("pyzmq", "msgpack", "greenlet")
VENDORED_PURE = ("platformdirs",)
PYTHONS = ("311", "313")  # Blender 4.5 and 5.0; 5.1 and newer
INSTALLER = "uv"
PIP_PLATFORMS = {
    "linux-x64": "manylinux_2_28_x86_64",
    "windows-x64": "win_amd64",
    "windows-arm64": "win_arm64",
    "macos-arm64": "macosx_11_0_arm64",
    "macos-x64": "macosx_11_0_x86_64",
}
INSTALLER_PLATFORMS = PIP_PLATFORMS | {"linux-x64": "manylinux_2_17_x86_64"}
REPOSITORY_PLATFORMS = ("linux-x64", "windows-x64", "macos-arm64", "macos-x64")
FIRST_VERSIONS_WITHOUT = {"macos-x64": "5.0.0"}  # Blender 5.0 has no build for Intel Macs
OLDEST_SETUPTOOLS = 77  # first setuptools that reads the licence of pyproject.toml
FIXED_TIME = (2026, 1, 1, 0, 0, 0)
FIXED_EPOCH = "1767225600"


def current_platform() -> str:
    """Return this machine's platform as Blender names it."""
    system = {"Linux": "linux", "Windows": "windows", "Darwin": "macos"}[platform.system()]
    machine = "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x64"
    return f"{system}-{machine}"


def project_version() -> str:
    """Return the version in ``pyproject.toml``."""
    with (ROOT / "pyproject.toml").open("rb") as stream:
        return str(tomllib.load(stream)["project"]["version"])


def pinned_version(name: str) -> str:
    """Return the version in ``constraints.txt``, else the one installed beside this script."""
    constraints = ROOT / "constraints.txt"
    if constraints.is_file():
        pattern = rf"^{re.escape(name)}==([^\s;]+)"
        found = re.search(pattern, constraints.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found[1]
    return importlib.metadata.version(name)


def _run(*command: str | Path, **environment: str) -> None:
    result = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        output = (result.stdout + result.stderr)[-4000:]
        message = f"{' '.join(map(str, command[:6]))} failed:\n{output}"
        raise SystemExit(message)


def project_wheel(folder: Path) -> Path:
    """Build the wheel of this project into ``folder`` from a copy of its sources.

    The copy keeps files that were since deleted out of the wheel, and build products out of the
    checkout.
    """
    with tempfile.TemporaryDirectory() as copy:
        project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        # this wheel is read by Blender only, which shows no README
        project = re.sub(r"^readme = .*\n", "", project, flags=re.MULTILINE)
        (Path(copy) / "pyproject.toml").write_text(project, encoding="utf-8")
        shutil.copy2(ROOT / "LICENSE", copy)
        for source in ("backend/livescape", "shared/livescape_shared"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / source, Path(copy) / source, ignore=ignored)
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", *_isolation()]
        _run(*command, "--wheel-dir", folder, copy, SOURCE_DATE_EPOCH=FIXED_EPOCH)
    return next(folder.glob("livescape-*.whl"))


def _isolation() -> tuple[str, ...]:
    """Return the option that builds without network, if setuptools here is new enough."""
    try:
        newest = int(importlib.metadata.version("setuptools").split(".")[0])
    except importlib.metadata.PackageNotFoundError:
        newest = 0
    return ("--no-build-isolation",) if newest >= OLDEST_SETUPTOOLS else ()


def vendored_wheels(target: str) -> list[Path]:
    """Return the wheels of the vendored packages for ``target``, downloading what is missing."""
    wheels = [_vendored_wheel(name, WHEEL_CACHE / "any") for name in VENDORED_PURE]
    for python in PYTHONS:
        folder = WHEEL_CACHE / target / python
        options = ["--implementation", "cp", "--python-version", python]
        options += ["--platform", PIP_PLATFORMS[target]]
        wheels += [_vendored_wheel(name, folder, *options) for name in VENDORED]
    return wheels


def _vendored_wheel(name: str, folder: Path, *options: str) -> Path:
    """Return a wheel of ``folder``, downloaded with these options of pip if it is not there."""
    version = pinned_version(name)
    pattern = f"{name}-{version}-*.whl"
    if not any(folder.glob(pattern)):
        LOGGER.info("downloading %s %s into %s", name, version, folder)
        command: list[str | Path] = [sys.executable, "-m", "pip", "download", "--quiet"]
        command += ["--no-deps", "--only-binary=:all:", *options]
        command += ["--dest", folder, f"{name}=={version}"]
        _run(*command)
    return next(folder.glob(pattern))


def installer_wheel(target: str) -> Path:
    """Return the wheel of uv for ``target``, downloading it if it is missing."""
    options = ["--platform", INSTALLER_PLATFORMS[target]]
    return _vendored_wheel(INSTALLER, WHEEL_CACHE / target / "any", *options)


def manifest(target: str, wheels: list[Path]) -> str:
    """Return the manifest with version, platform and wheel list filled in."""
    text = (ADDON / "blender_manifest.toml").read_text(encoding="utf-8")
    text = re.sub(r'^version = ".*"$', f'version = "{project_version()}"', text, flags=re.MULTILINE)
    listed = "".join(f'  "./wheels/{wheel.name}",\n' for wheel in wheels)
    generated = f'platforms = ["{target}"]\nwheels = [\n{listed}]\n\n'
    if target in FIRST_VERSIONS_WITHOUT:
        generated = f'blender_version_max = "{FIRST_VERSIONS_WITHOUT[target]}"\n{generated}'
    return text.replace("[permissions]", generated + "[permissions]", 1)


def addon_files() -> Iterator[tuple[str, Path]]:
    """Yield archive name and path of every file of the add-on but its manifest."""
    for path in sorted(ADDON.rglob("*")):
        if path.suffix == ".py" and "__pycache__" not in path.parts:
            yield path.relative_to(ADDON).as_posix(), path
    yield "farm/render_frames.py", ROOT / "farm" / "scripts" / "render_frames.py"
    yield "LICENSE", ROOT / "LICENSE"


def write_zip(path: Path, target: str, wheels: list[Path]) -> None:
    """Write the extension; equal inputs give equal bytes."""
    contents = {name: source.read_bytes() for name, source in addon_files()}
    contents |= {f"wheels/{wheel.name}": wheel.read_bytes() for wheel in wheels}
    installer = installer_wheel(target)
    contents[f"bundled/{installer.name}"] = installer.read_bytes()
    contents["bundled/constraints.txt"] = (ROOT / "constraints.txt").read_bytes()
    contents |= dict(manual_files())
    contents["blender_manifest.toml"] = manifest(target, wheels).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(contents):
            info = zipfile.ZipInfo(name, FIXED_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, contents[name])


def blender_tool(python: Path) -> Path | None:
    """Return Blender's own extension tool if ``python`` has Blender as a module."""
    code = "import importlib.util as u; s = u.find_spec('bpy'); print(s.origin if s else '')"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    if found.returncode or not found.stdout.strip():
        return None
    folder = Path(found.stdout.strip()).parent
    return next(folder.glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py"), None)


def build(target: str, out: Path) -> Path:
    """Write the extension for one platform and return its path."""
    with tempfile.TemporaryDirectory() as folder:
        wheels = [project_wheel(Path(folder)), *vendored_wheels(target)]
        path = out / f"livescape-{project_version()}-{target.replace('-', '_')}.zip"
        write_zip(path, target, wheels)
    LOGGER.info("wrote %s (%.1f MB)", path, path.stat().st_size / 1e6)
    return path


def write_index(folder: Path, python: Path, tool: Path) -> None:
    """Write ``index.json`` and ``index.html`` for the zips of a folder, by Blender's own tool."""
    _run(python, tool, "server-generate", "--repo-dir", folder, "--html")
    LOGGER.info("wrote %s", folder / "index.json")


def parse_arguments() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="folder of the zip")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--platform", choices=PIP_PLATFORMS, default=current_platform())
    what.add_argument(
        "--repository",
        action="store_true",
        help=f"zips of {', '.join(REPOSITORY_PLATFORMS)} and their index",
    )
    parser.add_argument(
        "--blender-python",
        type=Path,
        default=Path(sys.executable),
        help="Python that has bpy, whose tool then checks the zips and writes the index",
    )
    return parser.parse_args()


def main() -> None:
    """Build and, where Blender is at hand, validate."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = parse_arguments()
    tool = blender_tool(options.blender_python)
    if options.repository and tool is None:
        message = f"{options.blender_python} has no bpy, whose tool writes the index"
        raise SystemExit(message)
    targets = REPOSITORY_PLATFORMS if options.repository else (options.platform,)
    for path in [build(target, options.out) for target in targets]:
        if tool is None:
            LOGGER.info("not validated: %s has no bpy", options.blender_python)
            continue
        _run(options.blender_python, tool, "validate", path)
        LOGGER.info("valid for Blender: %s", path.name)
    if options.repository and tool is not None:
        write_index(options.out, options.blender_python, tool)


if __name__ == "__main__":
    main()
