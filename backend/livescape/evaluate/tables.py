"""Rows of figures as JSON and as the tables of ``docs/results.md``."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from livescape.evaluate.findings import Findings
from livescape.evaluate.paths import MOVING_PATHS
from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file

Row = Mapping[str, str | float]

PICTURE = {
    "psnr": ("PSNR", 2), "ssim": ("SSIM", 3), "gmsd": ("GMSD", 3),
    "st_lpips": ("ST-LPIPS", 3),
    "psnr_moving": ("moving", 2), "ssim_moving": ("SSIM moving", 3),
    "psnr_standing": ("standing", 2), "psnr_seen": ("seen", 2), "psnr_unseen": ("not seen", 2),
    "psnr_edges": ("edges", 2),
    "change_error": ("change error", 2), "uncovered_percent": ("uncovered %", 2),
}  # fmt: skip
"""Columns of moving paths: heading and digits."""

SHOT = {
    "flow_error_px": ("flow error px", 3), "speed_share": ("speed", 2), "ghost": ("ghost", 3),
    "ghost_most": ("ghost, most", 3), "contrast": ("contrast", 2),
    "contrast_drift": ("contrast ± %", 1), "spectrum_db": ("spectrum dB", 2),
    "standing_px": ("stands, px", 2), "flicker": ("flicker", 2),
}  # fmt: skip
"""Columns of the still camera in the shot."""

LOOP = {**SHOT, "speed_drift": ("speed ± %", 1), "loop_seam": ("seam", 2)}
"""Columns of the still camera in the loop."""

CLIP = {
    "psnr": ("PSNR", 2), "psnr_moving": ("moving", 2), "psnr_standing": ("standing", 2),
    "gain": ("over photo", 2), "gain_moving": ("moving over photo", 2), "wins": ("wins %", 0),
    "gmsd": ("GMSD", 3), "st_lpips": ("ST-LPIPS", 3), "change_error": ("change error", 2),
    "flow_error_px": ("flow error px", 3), "speed_share": ("speed", 2),
}  # fmt: skip
"""Columns of real clips."""

TOLD = {
    "mask_iou": ("mask IoU", 2), "false_motion": ("stands, but set moving %", 1),
    "angle": ("angle °", 0), "speed_ratio": ("told / true speed", 2),
}  # fmt: skip
"""Columns of what was made of a clip's first frame and of what was told beside it."""

AS_GOOD = -0.005
"""Decibels over the unmoved photo from which a contender is no worse."""

MARKS = ("<!-- tables: begin -->", "<!-- tables: end -->")
"""Lines of a page between which the tables stand."""


def write_json(path: Path, found: Findings, about: Mapping[str, object]) -> None:
    """Write all that was found and what it was measured with; what is not a number is null."""
    rows = [{name: _plain(value) for name, value in row.items()} for row in found.rows]
    curves = [
        {**curve.case, **{name: [_plain(v) for v in of] for name, of in curve.series.items()}}
        for curve in found.curves
    ]
    text = json.dumps({"about": about, "rows": rows, "curves": curves}, indent=1)
    with whole_file(path) as partial:
        partial.write_text(text, encoding="utf-8")


def read_json(path: Path) -> Findings:
    """Return what :func:`write_json` wrote, without the curves.

    Raises:
        LivescapeError: ``input_unreadable``.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        found = [{str(k): math.nan if v is None else v for k, v in row.items()} for row in rows]
        if not all({"path", "tier", "contender"} <= set(row) for row in found):
            raise ValueError("a row does not say what it is about")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{path.name} holds no results: {error}."
        hint = "Name a results.json that livescape evaluate wrote."
        raise LivescapeError("input_unreadable", message, hint=hint) from error
    return Findings(found)


def _plain(value: str | float) -> str | float | None:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def markdown(rows: Sequence[Row]) -> str:
    """Return the tables: means over landscapes and moving paths, each landscape, the loop."""
    moving = [row for row in rows if row["path"] in MOVING_PATHS]
    parts = []
    if moving:
        parts += ["### Mean of all landscapes and moving paths", ""]
        parts += _table(moving, ("tier", "travel", "contender"), PICTURE)
        parts += ["", "### Each landscape", ""]
        parts += _table(moving, ("landscape", "tier", "travel", "contender"), PICTURE)
    for path, title, columns in (
        ("shot", "From the photo's own camera: the shot", SHOT),
        ("loop", "From the photo's own camera: the loop", LOOP),
    ):
        own = [row for row in rows if row["path"] == path]
        if own:
            parts += ["", f"### {title}", ""]
            parts += _table(own, ("landscape", "tier", "contender"), columns)
    turns = [row for row in rows if row["path"] == "turn"]
    if turns:
        parts += ["", "### Turning on the spot", ""]
        parts += _table(turns, ("landscape", "tier", "travel", "contender"), PICTURE)
    parts += _clip_tables([row for row in rows if row["path"] == "clip"])
    return "\n".join(parts).lstrip("\n") + "\n"


def _clip_tables(rows: Sequence[Row]) -> list[str]:
    compared = [
        {**row, "wins": 100.0 * (float(row["gain"]) >= AS_GOOD)} for row in rows if "gain" in row
    ]
    if not compared:
        return []
    count = len({row["clip"] for row in compared})
    parts = ["", f"### Real clips: mean of {count}", ""]
    parts += _table(compared, ("tier", "ahead", "contender"), CLIP)
    parts += ["", "### Each clip", ""]
    farthest = [row for row in compared if row["ahead"] == _shown_ahead(compared)]
    parts += _table(farthest, ("clip", "tier", "ahead", "contender"), CLIP)
    told = [row for row in rows if row["contender"] == "told"]
    return [*parts, "", "### What was made of each clip", "", *_table(told, ("clip", "tier"), TOLD)]


def _shown_ahead(rows: Sequence[Row]) -> float:
    """Return the horizon at which single clips are shown: four frames, or the nearest to it."""
    return min((float(row["ahead"]) for row in rows), key=lambda ahead: (abs(ahead - 4.0), ahead))


def replace_tables(page: str, tables: str) -> str:
    """Return a page with what stands between its two marks replaced by the tables.

    Raises:
        LivescapeError: ``settings_invalid`` if the page has no marks.
    """
    before, start, rest = page.partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    if not start or not end:
        message = "The page has no place for tables."
        hint = f"Write {MARKS[0]} and {MARKS[1]} on lines of their own."
        raise LivescapeError("settings_invalid", message, hint=hint)
    return f"{before}{start}\n\n{tables}\n{end}{after}"


def _table(
    rows: Iterable[Row], keys: Sequence[str], columns: Mapping[str, tuple[str, int]]
) -> list[str]:
    rows = list(rows)
    columns = {name: column for name, column in columns.items() if any(name in r for r in rows)}
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        key = tuple(f"{v:g}" if isinstance(v := row[name], float) else str(v) for name in keys)
        groups.setdefault(key, []).append(row)
    headings = [*keys, *(heading for heading, _ in columns.values())]
    lines = [f"| {' | '.join(headings)} |", "|" + "---|" * len(headings)]
    for key, members in groups.items():
        cells = [_mean(members, name, digits) for name, (_, digits) in columns.items()]
        lines.append(f"| {' | '.join([*key, *cells])} |")
    return lines


def _mean(rows: Sequence[Row], name: str, digits: int) -> str:
    values = [float(row[name]) for row in rows if name in row]
    values = [value for value in values if not math.isnan(value)]
    return f"{np.mean(values):.{digits}f}" if values else "–"
