"""``livescape evaluate``: ours and the baselines against rendered truth and real clips."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from livescape.commands.contenders import (
    CONTENDERS,
    KNOWN,
    chosen_contenders,
    contender_settings,
    known,
    makers,
)
from livescape.commands.evaluate_cases import evaluations
from livescape.context import Context
from livescape.engine.warmup import warmup
from livescape.evaluate.clip_harness import HORIZONS
from livescape.evaluate.clips import CLIP_TIERS
from livescape.evaluate.findings import Findings
from livescape.evaluate.paths import PATHS
from livescape.evaluate.plots import plots
from livescape.evaluate.tables import markdown, read_json, replace_tables, write_json
from livescape.evaluate.truth import LANDSCAPES
from livescape.output.folder import check_writable_folder
from livescape_shared.connection import default_state_dir
from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file
from livescape_shared.settings import PRESETS, preset_settings

DESCRIPTION = "Compare ours with a layered photo on rendered truth and on real clips."

LOOP_FRAMES = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``evaluate`` to ``parser``."""
    add = parser.add_argument
    add("--out", type=Path, required=True,
        help="folder for results.json, results.md, strips and plots")  # fmt: skip
    add("--landscapes",
        help=f"of {','.join(LANDSCAPES)}; default: all, or none where clips are named")  # fmt: skip
    add("--clips", type=Path, metavar="FOLDER",
        help="clips of a standing camera: videos, GIFs, folders of frames, .npz")  # fmt: skip
    add("--holynski", type=Path, metavar="FOLDER",
        help="scenes of 'Animating Pictures with Eulerian Motion Fields': "
        "SCENE_gt.mp4 and SCENE_motion.pth")  # fmt: skip
    add("--tiers",
        help=f"of {','.join(CLIP_TIERS)} (video for clips alone); "
        "default: hints,given, and of clips auto,video")  # fmt: skip
    add("--ahead", default=",".join(map(str, HORIZONS)),
        help="frames after a clip's first that are compared, default: %(default)s")  # fmt: skip
    add("--paths", default=",".join(PATHS), help="default: %(default)s")
    add("--travel", default="1", help="factors on the paper's paths, such as 1,3,6")
    add("--contenders", default=",".join(CONTENDERS),
        help=f"of {', '.join(KNOWN)}; one changed: ours+views=3; default: %(default)s")  # fmt: skip
    add("--seed", type=int, default=1, help="of the landscapes, default: %(default)s")
    add("--width", type=int, default=320, help="of the pictures, default: %(default)s")
    add("--preset", default="draft", choices=PRESETS, help="of ours, default: %(default)s")
    add("--set", nargs=2, action="append", default=[], metavar=("SETTING", "VALUE"),
        dest="changes",
        help="change one setting, or with CONTENDER.SETTING that of one contender")  # fmt: skip
    add("--samples", type=int, default=4, help="per pixel of the truth, default: %(default)s")
    add("--earlier", type=Path, action="append", default=[], metavar="RESULTS.json",
        help="results found before, to be shown in the same tables")  # fmt: skip
    add("--page", type=Path, help="page whose tables are replaced, such as docs/results.md")
    add("--blender", type=Path,
        help="a Python with bpy, default: LIVESCAPE_BLENDER_PYTHON or .venv-blender")  # fmt: skip
    add("--cache-dir", type=Path, help="folder of rendered truth and stage results")


def run(arguments: argparse.Namespace) -> int:
    """Do what the parsed ``arguments`` say; return the exit code."""
    check_writable_folder(arguments.out)
    page = None if arguments.page is None else _read_page(arguments.page)
    cache = arguments.cache_dir or default_state_dir() / "cache"
    context = Context.make(cache_dir=cache)
    earlier = Findings()
    earlier.extend([read_json(path) for path in arguments.earlier])
    names = chosen_contenders(arguments.contenders)
    settings = preset_settings(arguments.preset).changed(loop_frames=LOOP_FRAMES)
    living = contender_settings(("ours", *names), settings, arguments.changes)
    work = evaluations(arguments, cache / "truth", living["ours"])
    living = {name: own for name, own in living.items() if name in names}
    if living and context.device == "cpu":
        warmup(_say)
    made = makers(context, names, living)
    about = {
        "preset": arguments.preset,
        "seed": arguments.seed,
        "width": arguments.width,
        "samples": arguments.samples,
        "contenders": {name: own.to_dict() for name, own in living.items()},
    }
    found = Findings()

    def keep(more: Findings) -> None:
        """Write what has been found so far, so that whoever interrupts us has it."""
        so_far = Findings()
        so_far.extend([found, more])
        write_json(arguments.out / "results.json", so_far, about)
        _write(arguments.out / "results.md", markdown([*earlier.rows, *so_far.rows]))

    for case in work:
        strips = arguments.out / "strips"
        found.extend([case(made, partial(known, context), strips=strips, say=_say, report=keep)])
        keep(Findings())
    for name, drawn in plots(found.curves).items():
        _write(arguments.out / "plots" / f"{name}.svg", drawn)
    if page is not None:
        _write(arguments.page, replace_tables(page, markdown([*earlier.rows, *found.rows])))
    _say(f"wrote {arguments.out / 'results.md'}")
    return 0


def _read_page(path: Path) -> str:
    """Return the text of a page that has a place for tables."""
    try:
        page = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path.name} cannot be read: {error}."
        raise LivescapeError("input_unreadable", message, hint="Check the path.") from error
    replace_tables(page, "")
    return page


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as partial_file:
        partial_file.write_text(text, encoding="utf-8")


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
