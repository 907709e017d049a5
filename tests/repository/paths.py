"""Which places the files of this repository name, worked out from their text."""

import ast
import os
import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IMPORT_ROOTS = (ROOT, ROOT / "backend", ROOT / "shared")
_LINK = re.compile(r"(?<![\w/.])(?:\.\./)+[\w./*-]*")
_ABSOLUTE = re.compile(
    r"(?<![\w.~$}>/*-])/(?:work|root|home|Users|mnt|media|workspace|opt|srv)/[\w./-]+"
)


def tracked_files():
    """Return every file that git tracks, or without git all that is not hidden or made."""
    command = ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z"]
    try:
        listing = subprocess.run(command, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        made = {"build", "dist", "out", "__pycache__"}
        found = (path for path in ROOT.rglob("*") if path.is_file())
        parts = ((path, path.relative_to(ROOT).parts) for path in found)
        return [p for p, names in parts if not made & set(names) and not names[0].startswith(".")]
    names = [name for name in listing.decode().split("\0") if name]
    return [path for name in names if (path := ROOT / name).is_file()]


def text_of(path):
    """Return a file's text, or nothing for what is no text."""
    data = path.read_bytes()
    return "" if b"\0" in data[:4096] else data.decode("utf-8", errors="replace")


def outside(path):
    """Return whether a path leaves the repository."""
    return not Path(os.path.normpath(path)).is_relative_to(ROOT)


def places_in_text(text, path):
    """Return the places outside the repository that a page, script or configuration names."""
    climbs = [
        climb
        for climb in _LINK.findall(text)
        if outside(path.parent / climb) and outside(ROOT / climb)
    ]
    return climbs + _ABSOLUTE.findall(text)


def places_in_python(source, path):
    """Return the expressions of a module that lead from its own place out of the repository."""
    tree = ast.parse(source)
    names = module_places(path, source)
    found = []
    for node in ast.walk(tree):
        place = evaluate(node, path, names)
        if place is not None and outside(place):
            found.append(ast.unparse(node))
    return found


def module_places(path, source=None):
    """Return the paths that a module binds to names, or imports from another of ours."""
    names = {}
    for node in ast.parse(source if source is not None else text_of(path)).body:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found = _places_of(node.module)
            names |= {a.asname or a.name: found[a.name] for a in node.names if a.name in found}
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            place = evaluate(node.value, path, names)
            if place is not None:
                names |= {target.id: place for target in targets if isinstance(target, ast.Name)}
    return names


@cache
def _places_of(module):
    for root in IMPORT_ROOTS:
        path = root.joinpath(*module.split(".")).with_suffix(".py")
        if path.is_file():
            return module_places(path)
    return {}


def evaluate(node, path, names):
    """Return where an expression made of ``__file__``, parents and joins leads, if it is one."""
    match node:
        case ast.Name(id="__file__"):
            return path
        case ast.Name(id=name):
            return names.get(name)
        case ast.Constant(value=str() as text) if text.startswith("/"):
            return None  # absolute words are looked for in the text
        case ast.Call(func=ast.Name(id="Path" | "str"), args=[inner]):
            return evaluate(inner, path, names)
        case ast.Call(func=ast.Attribute(value=inner, attr="resolve" | "absolute"), args=[]):
            return evaluate(inner, path, names)
        case ast.Call(func=ast.Attribute(value=inner, attr="joinpath"), args=parts):
            return _joined(evaluate(inner, path, names), parts)
        case ast.Call(func=ast.Attribute(attr="join"), args=[first, *parts]):
            return _joined(evaluate(first, path, names), parts)
        case ast.Call(func=ast.Attribute(attr="dirname"), args=[inner]):
            base = evaluate(inner, path, names)
            return None if base is None else base.parent
        case ast.Attribute(value=inner, attr="parent"):
            base = evaluate(inner, path, names)
            return None if base is None else base.parent
        case ast.Subscript(
            value=ast.Attribute(value=inner, attr="parents"), slice=ast.Constant(value=int() as up)
        ):
            base = evaluate(inner, path, names)
            return None if base is None else base.parents[up]
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _joined(evaluate(left, path, names), [right])
        case _:
            return None


def _joined(base, parts):
    """Join what is written out; a part that is not known cannot climb."""
    if base is None:
        return None
    known = [part.value for part in parts if isinstance(part, ast.Constant)]
    return base.joinpath(*(word for word in known if isinstance(word, str)))
