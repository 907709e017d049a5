"""docs/models.md says of every model what the registry says."""

import re
from pathlib import Path

from livescape.networks.registry import MODELS
from livescape.networks.store import size_text

PAGE = Path(__file__).resolve().parents[2] / "docs" / "models.md"


def rows():
    cells = re.findall(r"^\| (`.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [row.split(" | ") for row in cells]


def test_the_page_and_the_registry_agree():
    wanted = [
        [
            f"`{card.name}`",
            card.stage,
            card.licence,
            size_text(card.download_bytes),
            f"[{card.source}](https://huggingface.co/{card.source})",
            f"{card.title}. {card.description}",
        ]
        for card in MODELS.values()
    ]
    assert rows() == wanted
