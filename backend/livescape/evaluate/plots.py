"""Curves of figures from frame to frame, drawn as SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from livescape.evaluate.findings import Curve

Lines = Mapping[str, tuple[Sequence[float], Sequence[float]]]
"""Frames and numbers by name."""

PATH_PANELS = {
    "psnr": "PSNR",
    "psnr_moving": "PSNR of what moves",
    "uncovered_percent": "uncovered %",
}
PLAY_PANELS = {
    "contrast": "contrast",
    "speed": "speed",
    "ghost": "ghost",
    "standing_px": "stands, px",
}

COLOURS = ("#888888", "#d95f02", "#1f78b4", "#7570b3", "#1b9e77", "#e7298a", "#a6761d")
WIDTH, HEIGHT, LEFT, TOP, GAP = 280, 150, 46, 30, 34


def plots(curves: Sequence[Curve]) -> dict[str, str]:
    """Return an SVG for every landscape, tier, travel and path, by name of its file."""
    groups: dict[tuple[str, ...], list[Curve]] = {}
    for curve in curves:
        key = tuple(_text(curve.case[k]) for k in ("landscape", "tier", "travel", "path"))
        groups.setdefault(key, []).append(curve)
    drawn = {}
    for key, members in groups.items():
        panels = PLAY_PANELS if key[3] in ("shot", "loop") else PATH_PANELS
        lines = {
            title: {
                _text(curve.case["contender"]): (curve.series["frame"], curve.series[name])
                for curve in members
                if name in curve.series
            }
            for name, title in panels.items()
        }
        landscape, tier, travel, path = key
        title = f"{landscape}, {tier}, {travel}x, {path}"
        drawn[f"{landscape}_{tier}_{travel}x_{path}"] = draw(title, lines)
    return drawn


def draw(title: str, panels: Mapping[str, Lines]) -> str:
    """Return panels side by side, each with a line for every name, as SVG.

    Args:
        title: Above all.
        panels: Lines by the panel's title; a panel without numbers is left out.
    """
    panels = {name: _numbers(lines) for name, lines in panels.items()}
    panels = {name: lines for name, lines in panels.items() if lines}
    names = list(dict.fromkeys(name for lines in panels.values() for name in lines))
    colours = {name: COLOURS[k % len(COLOURS)] for k, name in enumerate(names)}
    width = max(1, len(panels)) * (WIDTH + LEFT + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT + TOP + 64}" '
        'font-family="sans-serif" font-size="11">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="8" y="15" font-weight="bold">{escape(title)}</text>',
    ]
    for number, (name, lines) in enumerate(panels.items()):
        parts += _panel(number * (WIDTH + LEFT + GAP) + LEFT, TOP, name, lines, colours)
    for number, name in enumerate(names):
        x, y = 8 + 110 * number, HEIGHT + TOP + 52
        parts.append(f'<rect x="{x}" y="{y - 4}" width="16" height="3" fill="{colours[name]}"/>')
        parts.append(f'<text x="{x + 20}" y="{y}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _numbers(lines: Lines) -> dict[str, tuple[list[float], list[float]]]:
    """Return the lines without what is not a number, and without empty ones."""
    found = {}
    for name, (xs, ys) in lines.items():
        there = [(x, y) for x, y in zip(xs, ys, strict=True) if math.isfinite(y)]
        if there:
            found[name] = ([x for x, _ in there], [y for _, y in there])
    return found


def _panel(
    left: float, top: float, title: str, lines: Lines, colours: Mapping[str, str]
) -> list[str]:
    xs = [x for line in lines.values() for x in line[0]]
    ys = [y for line in lines.values() for y in line[1]]
    (x0, x1), (y0, y1) = _range(xs), _range(ys)
    parts = [
        f'<text x="{left}" y="{top - 4}">{escape(title)}</text>',
        f'<rect x="{left}" y="{top}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#ccc"/>',
    ]
    for value, share in ((y0, 1.0), ((y0 + y1) / 2, 0.5), (y1, 0.0)):
        y = top + share * HEIGHT
        parts.append(f'<text x="{left - 4}" y="{y + 4}" text-anchor="end">{value:.3g}</text>')
    for value, share in ((x0, 0.0), (x1, 1.0)):
        x = left + share * WIDTH
        y = top + HEIGHT + 14
        parts.append(f'<text x="{x}" y="{y}" text-anchor="middle">{value:g}</text>')
    for name, (x_of, y_of) in lines.items():
        points = " ".join(
            f"{left + WIDTH * (x - x0) / (x1 - x0):.1f},{top + HEIGHT * (y1 - y) / (y1 - y0):.1f}"
            for x, y in zip(x_of, y_of, strict=True)
        )
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colours[name]}" stroke-width="1.6"/>'
        )
    return parts


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"
