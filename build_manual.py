"""Make web pages of ``docs``, which the extension carries: F1 in Blender opens them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parent
DOCS = ROOT / "docs"
_STYLE = """
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif }
img { max-width: 100% } pre { overflow: auto } pre, code { background: #8882; border-radius: 3px }
pre { padding: .6rem } table { border-collapse: collapse; display: block; overflow: auto }
td, th { border: 1px solid #8886; padding: .2rem .5rem; text-align: left; vertical-align: top }
:root { color-scheme: light dark } h1, h2, h3 { line-height: 1.2 }
"""
_PAGE = (
    '<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title>\n'
    "<style>{style}</style>\n{body}</html>\n"
)


def manual_files() -> Iterator[tuple[str, bytes]]:
    """Yield archive name and content of every page, and of the pictures in them."""
    for path in sorted(DOCS.glob("*.md")):
        yield f"manual/{path.stem}.html", page(path.read_text(encoding="utf-8")).encode()
    for path in sorted((DOCS / "images").iterdir()):
        yield f"manual/images/{path.name}", path.read_bytes()


def page(text: str) -> str:
    """Return Markdown as a page whose headings can be linked to, and whose links to others work."""
    parser = MarkdownIt("commonmark").enable("table")
    tokens = parser.parse(text)
    title = "Livescape"
    for heading, content in _headings(tokens):
        heading.attrSet("id", anchor(content.content))
        if heading.tag == "h1":
            title = content.content
    for token in tokens:
        for child in token.children or ():
            if child.type == "link_open":
                target = str(child.attrGet("href"))
                child.attrSet("href", re.sub(r"^([\w/]+)\.md(?=#|$)", r"\1.html", target))
    body = parser.renderer.render(tokens, parser.options, {})
    return _PAGE.format(title=title, style=_STYLE, body=body)


def anchors(text: str) -> list[str]:
    """Return what the headings of a page are linked to by."""
    tokens = MarkdownIt("commonmark").parse(text)
    return [anchor(content.content) for _, content in _headings(tokens)]


def anchor(heading: str) -> str:
    """Return what a heading is linked to by, as repositories on the web do it."""
    plain = re.sub(r"[`*]", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def _headings(tokens: list[Token]) -> Iterator[tuple[Token, Token]]:
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            yield token, tokens[index + 1]
