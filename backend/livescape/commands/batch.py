"""``livescape batch``: the shots of a file, one after another, if they are not made yet.

Each shot is a ``livescape run`` in a process of its own. What it has made is in a folder named
after it, beside the file; ``shot.json`` there is written last and says from what, so that a shot is
made again only if its entry, one of its files or the version of Livescape has changed.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from livescape.commands.fingerprints import FILES, Fingerprints
from livescape.commands.progress import TELLERS
from livescape.commands.server_client import add_server_option
from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file
from livescape_shared.values import boolean, mapping, text

DESCRIPTION = "Make the shots listed in a JSON file; those that are made already are left alone."

FORMAT = "livescape-shots"
MARK = "shot.json"
FIELDS = {"name", "preset", "settings", "render", "export", "blend", "object", *FILES}
_NAME = re.compile(r"[\w-][\w .-]{0,79}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``batch`` to ``parser``."""
    add = parser.add_argument
    add("shots", type=Path, help="JSON file, see docs/batch.md")
    add("--out", type=Path, help="folder for the shots, default: that of the file")
    add("--only", action="append", metavar="NAME", help="make only this shot; may be repeated")
    add("--cache-dir", type=Path, help="folder for cached stage results")
    add_server_option(parser)
    add("--progress", choices=TELLERS, default="text", help="default: %(default)s")


def run(arguments: argparse.Namespace) -> int:
    """Make what is missing; return 1 if a shot could not be made."""
    shots = read_shots(arguments.shots)
    chosen = arguments.only or [shot["name"] for shot in shots]
    unknown = set(chosen) - {shot["name"] for shot in shots}
    if unknown:
        raise _invalid(f"it has no shot {', '.join(sorted(unknown))}")
    base = arguments.shots.absolute().parent
    out = (arguments.out or base).absolute()
    fingerprints = Fingerprints(shots, base)
    failed = []
    for shot in shots:
        if shot["name"] not in chosen:
            continue
        folder, made_from = out / shot["name"], fingerprints.of(shot)
        if is_made(folder, made_from):
            _say(f"{shot['name']}: there already")
            continue
        _say(f"{shot['name']}: begun")
        if _made(words(shot, base, folder) + _options(arguments), folder, made_from):
            _say(f"{shot['name']}: made")
        else:
            failed.append(shot["name"])
            _say(f"{shot['name']}: failed")
    return 1 if failed else 0


def _options(arguments: argparse.Namespace) -> list[str]:
    """Return the arguments of ``livescape run`` that all shots have."""
    options = ["--progress", arguments.progress]
    if arguments.server is not None:
        options += ["--server", arguments.server]
    if arguments.cache_dir is not None:
        options += ["--cache-dir", str(arguments.cache_dir)]
    return options


def _made(said: list[str], folder: Path, made_from: str) -> bool:
    """Make a shot and mark its folder; return whether that was possible, and say why not."""
    with suppress(OSError):  # the run says what is wrong with the folder
        (folder / MARK).unlink(missing_ok=True)
    if not _make(said):
        return False
    try:
        with whole_file(folder / MARK) as partial:
            partial.write_text(json.dumps({"made_from": made_from}), encoding="utf-8")
    except LivescapeError as error:
        _say(f"{error.code}: {error}")
        return False
    return True


def read_shots(path: Path) -> list[dict[str, Any]]:
    """Return the shots of a file, each with what ``defaults`` gives to all of them.

    Raises:
        LivescapeError: ``shots_invalid``; the sentence says where.
    """
    try:
        values = mapping(json.loads(path.read_bytes()))
    except OSError as error:
        raise _invalid(f"it cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise _invalid("it is not JSON with a map") from error
    if values.get("format") != FORMAT or values.get("version") != 1:
        raise _invalid(f"its format is not {FORMAT}, version 1")
    defaults, entries = values.get("defaults", {}), values.get("shots")
    if not isinstance(entries, list) or not entries:
        raise _invalid("it lists no shots")
    shots = [_shot(number, defaults, entry) for number, entry in enumerate(entries, start=1)]
    names = [shot["name"] for shot in shots]
    folders = [name.casefold() for name in names]  # which are the same on some systems
    twice = sorted(name for name in names if folders.count(name.casefold()) > 1)
    if twice:
        raise _invalid(f"two of its shots are called {twice[0]}")
    return shots


def _shot(number: int, defaults: Any, entry: Any) -> dict[str, Any]:
    """Return one shot, checked."""
    where = f"shot {number}"
    try:
        shot = {**mapping(defaults), **mapping(entry)}
        unknown = shot.keys() - FIELDS
        if unknown:
            raise _invalid(f"{where} has a field {min(unknown)!r}, which is none")
        for name in ("name", "photo"):
            if name not in shot:
                raise _invalid(f"{where} has no {name}")
        for name in ("name", "preset", "blend", "object", *FILES):
            text(shot.get(name, ""))
        if _NAME.fullmatch(shot["name"]) is None:
            raise _invalid(f"{where} is called {shot['name'][:80]!r}, which is no name of a folder")
        boolean(shot.get("render", True))
        settings = [mapping(each.get("settings", {})) for each in (defaults, entry)]
        shot["settings"] = {**settings[0], **settings[1]}
        exports = shot.get("export", [])
        if not isinstance(exports, list) or any(Path(text(e)).name != e for e in exports):
            raise _invalid(f"what {where} exports is not a list of file names")
        if any("\0" in word for word in words(shot, Path(), Path())):
            raise _invalid(f"{where} has a text with a null character")
    except ValueError as error:
        raise _invalid(f"a value of {where} is {error}") from error
    return shot


def _invalid(what: str) -> LivescapeError:
    return LivescapeError(
        "shots_invalid",
        f"The list of shots cannot be used: {what}.",
        hint="docs/batch.md describes it.",
    )


def words(shot: Mapping[str, Any], base: Path, folder: Path) -> list[str]:
    """Return the arguments of ``livescape run`` for a shot."""
    said = [str(base / shot["photo"]), "--out", str(folder)]
    for name in FILES[1:]:
        if shot.get(name):
            said += [f"--{name.replace('_', '-')}", str(base / shot[name])]
    if shot.get("preset"):
        said += ["--preset", shot["preset"]]
    for name, value in shot["settings"].items():
        said += ["--set", name, value if isinstance(value, str) else json.dumps(value)]
    if shot.get("render", True):
        said += ["--render", str(folder / "frames")]
    if shot.get("blend"):
        said += ["--blend", str(base / shot["blend"])]
    if shot.get("object"):
        said += ["--object", shot["object"]]
    for name in shot.get("export", []):
        said += ["--export", str(folder / name)]
    return said


def is_made(folder: Path, made_from: str) -> bool:
    """Return whether the folder holds the shot that is made from just this."""
    try:
        mark = mapping(json.loads((folder / MARK).read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError):
        return False
    return mark.get("made_from") == made_from


def _make(said: list[str]) -> bool:
    """Run ``livescape run``; what it says goes where ours does."""
    command = [sys.executable, "-m", "livescape", "run", *said]
    return subprocess.run(command, check=False).returncode == 0


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
