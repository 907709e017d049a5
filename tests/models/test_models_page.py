"""docs/models.md says of every model what the registry says."""

import json
import re
from pathlib import Path

from livescape.commands.main import main
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
            card.commercial,
            size_text(card.download_bytes),
            f"[{card.source}](https://huggingface.co/{card.source})",
            f"{card.title}. {card.description}",
        ]
        for card in MODELS.values()
    ]
    assert rows() == wanted


def test_programs_get_the_same_list(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LIVESCAPE_MODELS", str(tmp_path))
    assert main(["models", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in listed] == list(MODELS)
    by_name = {each["name"]: each for each in listed}
    assert by_name["lama"]["commercial"] == "yes"
    assert by_name["depth_pro"]["commercial"] == "no"
    assert by_name["stable_diffusion"]["commercial"] == "ask"
    assert all(each["pinned"] for each in listed)
    assert not any(each["present"] for each in listed)
    assert all(each["bytes"] > 1e6 for each in listed)
