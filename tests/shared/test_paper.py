"""The paper's settings and where each is written."""

from pathlib import Path

import pytest

from livescape_shared.paper import PAPER, follows_paper, paper_record
from livescape_shared.settings import GenerateSettings, preset_settings


def test_the_preset_has_the_papers_values_and_defaults_elsewhere():
    used = preset_settings("paper").to_dict()
    defaults = GenerateSettings().to_dict()
    for name, value in used.items():
        assert value == (PAPER[name].value if name in PAPER else defaults[name]), name


def test_a_record_tells_the_source_and_what_was_used_instead():
    used = preset_settings("paper").changed(depth="popup").to_dict()
    record = paper_record(used)
    assert record["depth"]["value"] == "zoedepth"
    assert record["depth"]["used"] == "popup"
    assert {entry["source"] for entry in record.values()} >= {"text", "code", "text and code"}
    assert all(entry["note"] for entry in record.values())


@pytest.mark.parametrize(
    ("changes", "expected"), [({}, True), ({"depth": "popup"}, True), ({"solver": "irls"}, False)]
)
def test_method_is_the_papers_by_its_solver_and_its_deformation(changes, expected):
    assert follows_paper(preset_settings("paper").changed(**changes).to_dict()) is expected
    assert not follows_paper(GenerateSettings().to_dict())


def test_the_method_page_lists_them_as_they_are():
    page = (Path(__file__).parents[2] / "docs" / "method.md").read_text(encoding="utf-8")
    for name, setting in PAPER.items():
        row = f"| `{name}` | {setting.value} | {setting.source} | {setting.note} |"
        assert row in page, name
