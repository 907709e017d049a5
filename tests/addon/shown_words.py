"""The texts in the add-on's source that an artist can come to read.

What reads like words counts: a literal with a space between words. An f-string counts as the
template that it fills, with ``{0}``, ``{1}`` and so on for what is put in.
"""

import ast
import re
from pathlib import Path

ADDON = Path(__file__).resolve().parents[2] / "blender_addon"

NOT_SHOWN = (
    "bridge/collect.py",  # why a scene that was sent is broken: for the log
    "bridge/sketch.py",  # likewise, of a preview
    "camera/survey.py",  # likewise, of a survey
    "cache/contents.py",  # why a cache is broken: quoted as a detail
    "compat.py",  # how versions of Blender call things
    "farm/bundle.py",  # what is written into files for farms
    "generate/details.py",  # what is copied for a report
    "setting_up/commands.py",  # code that other Pythons run
    "setting_up/output.py",  # what is looked for in the output of others
    "setting_up/steps.py",  # lines of a log
    "splats",  # names of nodes and sockets, which are data of the .blend
    "translations",
)
"""Files and folders whose texts nobody reads in the interface."""

NAMES = {
    "Blender on {0}",  # what servers call this client
    "Erase Hard",
    "Linear Rec.709",
    "Livescape Compositing",
    "Livescape Depth",
    "Livescape Depth Others",
    "Livescape Gaussians",
    "Livescape Mask",
    "Livescape Others",
    "Livescape sRGB",
    "Paint Hard",
    "min(clip * {0}, {1})",
    "png jpg jpeg tif tiff webp bmp tga exr hdr dpx cin jp2 j2c psd sgi rgb bw",
    "settings = bpy.context.scene.livescape",
}
"""Names of data-blocks, and code: the same in every language."""

PARTS = {
    "stopped while starting (exit code {0})",
    "was not ready after {0} seconds",
    "has ended",
    "The Livescape server {0}.",
    "{0} is not a camera",
    "{0} of {1} is finished",
    "{0}. It is offered when that file is open",
    "The photo {0} has {1} x {2} pixels",
    "{0}: {1} Gaussian",
    "{0}: {1} Gaussians",
    "The package index",
    "The folder of wheels",
    "Install Python 3.11, 3.12 or 3.13 (with a Folder of Wheels, the one that they are for)",
    "Open Log says which. ",
    ", or turn on Allow Online Access.",
    "Add its wheel to the folder.",
    ", {0} free",
}
"""Parts of a sentence that is translated as a whole."""

QUIET_CALLS = {"debug", "info", "warning", "error", "exception", "compile", "getLogger", "Thread"}
"""What is said to the log, and other calls that show nothing."""


def template(node):
    """The text that a literal holds or an f-string fills; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    count, text = 0, ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += part.value
        else:
            text, count = f"{text}{{{count}}}", count + 1
    return text


def shown():
    """Return file, line and text of everything in the add-on that may be shown."""
    found = []
    for path in sorted(ADDON.rglob("*.py")):
        name = path.relative_to(ADDON).as_posix()
        if name.split("/")[0] in NOT_SHOWN or name in NOT_SHOWN:
            continue
        found += [(name, line, text) for line, text in shown_in(path.read_text("utf-8"))]
    return found


def shown_in(source):
    """Yield line and text of what a source may show."""
    tree = ast.parse(source)
    quiet = {id(each) for node in ast.walk(tree) for each in _quiet_below(node)}
    for node in ast.walk(tree):
        text = None if id(node) in quiet else template(node)
        if text is not None and _reads_like_words(text):
            yield node.lineno, text


def _quiet_below(node):
    """Yield what shows nothing: documentation, log lines, the pieces of an f-string."""
    body = getattr(node, "body", None)
    for each in body if isinstance(body, list) else ():
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant):
            yield each.value
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in QUIET_CALLS:
            yield from ast.walk(node)
    if isinstance(node, ast.JoinedStr):
        yield from node.values
        for each in node.values:
            if isinstance(each, ast.FormattedValue) and each.format_spec is not None:
                yield from ast.walk(each.format_spec)


def _reads_like_words(text):
    """Whether there are two words, and neither code nor a pattern."""
    words = re.sub(r"\{\d+\}", "", text)
    is_pattern = "\\" in words or "|" in words.replace("   |   ", "")
    return bool(re.search(r"[A-Za-z]{2,}.*\s|\s.*[A-Za-z]{2,}", words)) and not (
        is_pattern or "\n" in words or words.startswith("%")
    )
