"""The pages of the manual in the extension, made of ``docs``."""

import re

import build_manual
import pytest
from tests.addon.conftest import ROOT

PAGES = dict(build_manual.manual_files())
LINK = re.compile(r'(?:href|src)="([^"]+)"')


def test_headings_are_linked_to_as_in_a_repository():
    text = (
        "# One\n\n## Blender's own *splats* (5.3)\n\n### The `a_b` - 2\n\n```sh\n# not one\n```\n"
    )
    assert build_manual.anchors(text) == ["one", "blenders-own-splats-53", "the-a_b---2"]
    assert '<h2 id="blenders-own-splats-53">' in build_manual.page(text)


def test_links_lead_to_pages():
    made = build_manual.page("# A\n\n[b](b.md#c), [d](d.md) and [e](https://e.org/f.md)\n")
    assert LINK.findall(made) == ["b.html#c", "d.html", "https://e.org/f.md"]


@pytest.mark.parametrize("name", [name for name in PAGES if name.endswith(".html")])
def test_every_link_of_the_manual_leads_somewhere(name):
    text = PAGES[name].decode()
    for link in LINK.findall(text):
        page, _, anchor = link.partition("#")
        if page.startswith(("http:", "https:", "../")):
            continue
        target = f"manual/{page}" if page else name
        assert target in PAGES, link
        assert not anchor or f'id="{anchor}"' in PAGES[target].decode(), link


def test_anchors_of_the_repository_are_those_of_the_manual():
    for path in (ROOT / "docs").glob("*.md"):
        found = build_manual.anchors(path.read_text("utf-8"))
        assert len(found) == len(set(found)), path.name
