"""What panels and node trees look like in each Blender, as text that a change of them changes.

``make snapshots`` writes it anew, with every Blender that is installed: look at the difference
before you commit it. What is the same in all is stored once; a version that differs in a section
has that section in a file of its own.
"""

import sys
import tempfile
from pathlib import Path

STORED = Path(__file__).parent / "stored"
KINDS = ("panels", "trees")
BASE = "4.5"
HEADING = "== "


def stored_in(path: Path) -> dict[str, str]:
    """The sections of a file; none of one that is not there."""
    if not path.is_file():
        return {}
    parts = path.read_text("utf-8").split(f"\n{HEADING}")
    pairs = [part.removeprefix(HEADING).partition("\n") for part in parts]
    return {name: text.strip("\n") for name, _, text in pairs}


def known(kind: str, version: str) -> dict[str, str]:
    """The sections of a version."""
    return stored_in(STORED / f"{kind}.txt") | stored_in(STORED / f"{kind}-{version}.txt")


def has_own(version: str) -> bool:
    """Whether a version is one of those that snapshots are stored of."""
    return version == BASE or any((STORED / f"{kind}-{version}.txt").exists() for kind in KINDS)


def store(kind: str, version: str, sections: dict[str, str]) -> None:
    """Write what a version shows; of another than the first, what differs."""
    if version == BASE:
        _write(STORED / f"{kind}.txt", sections)
        return
    base = stored_in(STORED / f"{kind}.txt")
    different = {name: text for name, text in sections.items() if base.get(name) != text}
    _write(STORED / f"{kind}-{version}.txt", different)


def _write(path: Path, sections: dict[str, str]) -> None:
    if not sections:
        path.unlink(missing_ok=True)
        return
    text = "\n\n".join(f"{HEADING}{name}\n{text}" for name, text in sections.items())
    path.write_text(text + "\n", "utf-8")


def main() -> None:
    """Write the snapshots of the Blenders that are named, the base version first."""
    from tests.addon.conftest import ROOT, install, run_blender

    class Folders:
        def mktemp(self, name):
            return Path(tempfile.mkdtemp(prefix=name))

    out = Folders().mktemp("dist")
    run_blender(Path(sys.executable), out, ROOT / "build_addon.py", "--out", out)
    for python in map(Path, sys.argv[1:]):
        blender = install(python.absolute(), next(out.glob("*.zip")), Folders())
        found = blender.run("snapshots.py", Folders().mktemp("snapshots"))
        for kind in KINDS:
            store(kind, found["version"], found[kind])
        sys.stdout.write(f"{found['version']}: {', '.join(map(str, found['panels']))}\n")


if __name__ == "__main__":
    main()
