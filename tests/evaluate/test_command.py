"""``livescape evaluate`` from the command line to tables and strips."""

import json
from xml.etree import ElementTree

import pytest

from livescape.commands.main import main
from livescape.evaluate import harness
from livescape.evaluate.findings import Findings
from livescape.evaluate.tables import MARKS, markdown, read_json, write_json
from livescape.imaging.png import read_pixels


def arguments(generator, tmp_path, *more):
    return [
        "evaluate", "--out", str(tmp_path / "out"), "--cache-dir", str(generator.cache),
        "--blender", str(generator.python), "--width", "128", "--samples", "2", *more,
    ]  # fmt: skip


def test_a_table_and_strips_are_written(generator, tmp_path):
    more = ["--landscapes", "river", "--tiers", "given", "--paths", "sideways,still"]
    tiny = ["gaussian_budget 3000", "fit_iterations 4", "deform_iterations 2", "views 2"]
    changes = [word for pair in tiny for word in ("--set", *pair.split())]
    page = tmp_path / "page.md"
    page.write_text(f"# Results\n\n{MARKS[0]}\nold\n{MARKS[1]}\n\nThe end.\n")
    assert main(arguments(generator, tmp_path, *more, *changes, "--page", str(page))) == 0
    stored = json.loads((tmp_path / "out" / "results.json").read_text())
    assert stored["about"]["contenders"]["ours"]["gaussian_budget"] == 3000
    rows = {(row["path"], row["contender"]): row for row in stored["rows"]}
    contenders = {"photo", "layered", "oracle", "ours"}
    assert {name for path, name in rows if path == "sideways"} == contenders
    assert {name for path, name in rows if path == "still"} == contenders
    assert {name for path, name in rows if path == "shot"} == contenders | {"truth"}
    assert {name for path, name in rows if path == "loop"} == contenders - {"oracle"}
    moving = {name: rows["sideways", name] for name in contenders}
    assert moving["oracle"]["psnr_seen"] > moving["photo"]["psnr_seen"] + 3
    assert moving["layered"]["psnr"] > moving["photo"]["psnr"] + 2
    assert moving["ours"]["psnr"] > moving["photo"]["psnr"]
    assert rows["shot", "photo"]["speed_share"] == pytest.approx(0, abs=0.05)
    assert rows["shot", "photo"]["standing_px"] == 0
    assert rows["shot", "truth"]["standing_px"] < 0.1
    assert rows["loop", "layered"]["flicker"] < 0.5
    assert 0.0 <= rows["loop", "layered"]["ghost"] <= rows["loop", "layered"]["ghost_most"] <= 0.5
    curves = {(curve["path"], curve["contender"]): curve for curve in stored["curves"]}
    assert curves["sideways", "ours"]["frame"] == [0, 7, 14, 21, 28]
    assert max(curves["loop", "layered"]["ghost"]) == rows["loop", "layered"]["ghost_most"]
    plot = ElementTree.parse(tmp_path / "out" / "plots" / "river_given_1x_loop.svg")
    drawn = {element.text for element in plot.iter("{http://www.w3.org/2000/svg}text")}
    assert {"ghost", "contrast", "layered", "ours"} <= drawn
    text = (tmp_path / "out" / "results.md").read_text()
    assert "| river | given | 1 | layered |" in text
    written = page.read_text()
    assert written.startswith("# Results")
    assert written.endswith("The end.\n")
    assert text.strip() in written
    assert "old" not in written
    strip = read_pixels(tmp_path / "out" / "strips" / "river_given_1x_sideways.png")
    assert strip.shape == (2 * 72, 5 * 128, 3)


def test_pictures_may_be_larger_than_the_scene_works_on(generator, tmp_path):
    more = ["--landscapes", "river", "--tiers", "given", "--paths", "sideways"]
    small = ["--contenders", "photo,layered", "--set", "working_size", "96"]
    assert main(arguments(generator, tmp_path, *more, *small)) == 0
    rows = json.loads((tmp_path / "out" / "results.json").read_text())["rows"]
    scored = {row["contender"]: row["psnr"] for row in rows}
    assert scored["oracle"] > scored["layered"] > scored["photo"]


def test_an_evaluation_that_is_interrupted_has_written_what_it_had_found(
    generator, tmp_path, monkeypatch
):
    real, written = harness.write_strip, []

    def interrupted(path, *rest):
        if written:
            raise KeyboardInterrupt
        written.append(path)
        real(path, *rest)

    monkeypatch.setattr(harness, "write_strip", interrupted)
    more = ["--landscapes", "river", "--tiers", "given", "--paths", "sideways,forward"]
    assert main(arguments(generator, tmp_path, *more, "--contenders", "photo")) == 130
    rows = json.loads((tmp_path / "out" / "results.json").read_text())["rows"]
    assert {(row["path"], row["contender"]) for row in rows} == {("sideways", "photo")}
    assert "river" in (tmp_path / "out" / "results.md").read_text()


@pytest.mark.parametrize(
    "wrong",
    [("--landscapes", "moon"), ("--tiers", "all"), ("--paths", "down"), ("--travel", "far"),
     ("--contenders", "theirs"), ("--contenders", "ours:fast"), ("--travel", "-1")],
)  # fmt: skip
def test_what_is_not_there_is_named(generator, tmp_path, capsys, wrong):
    assert main(arguments(generator, tmp_path, *wrong)) == 2
    said = capsys.readouterr().err
    assert said.startswith("settings_invalid")
    assert wrong[1] in said


def test_a_page_without_marks_is_refused_before_the_work(tmp_path, capsys):
    (tmp_path / "page.md").write_text("# Results\n")
    page = str(tmp_path / "page.md")
    assert main(["evaluate", "--out", str(tmp_path), "--page", page]) == 2
    assert "no place for tables" in capsys.readouterr().err


def test_results_found_before_stand_in_the_same_tables(tmp_path):
    case = {"landscape": "canyon", "tier": "given", "travel": 1.0, "path": "up"}
    found = Findings()
    found.add({**case, "contender": "ours"}, {"psnr": 20.0, "psnr_moving": float("nan")})
    found.add({**case, "contender": "layered"}, {"psnr": 21.0}, {"frame": [0.0]})
    write_json(tmp_path / "results.json", found, {})
    again = read_json(tmp_path / "results.json")
    assert markdown(again.rows) == markdown(found.rows)


@pytest.mark.parametrize("text", ["", "[]", '{"rows": 3}', '{"rows": [{"psnr": 3}]}', None])
def test_what_holds_no_results_is_named(tmp_path, capsys, text):
    path = tmp_path / "earlier.json"
    if text is not None:
        path.write_text(text)
    assert main(["evaluate", "--out", str(tmp_path), "--earlier", str(path)]) == 2
    assert "earlier.json holds no results" in capsys.readouterr().err


def test_figures_that_are_not_there_leave_a_dash():
    row = {"landscape": "canyon", "tier": "given", "travel": 1.0, "path": "up", "contender": "ours"}
    rows = [{**row, "psnr": 20.0, "psnr_moving": float("nan")}, {**row, "psnr": 22.0}]
    line = next(line for line in markdown(rows).splitlines() if "canyon" in line)
    assert "| 21.00 | – |" in line
