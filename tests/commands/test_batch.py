"""``livescape batch`` and the lines of ``--progress``, with real runs of a small photo."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from livescape.commands import batch
from livescape.commands.main import main
from livescape.commands.progress import INTERVAL_S, JsonTeller, OpenJobTeller
from livescape.imaging.png import read_pixels, write_png
from livescape_shared.errors import LivescapeError

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "working_size": 128, "gaussian_budget": 3000, "fit_iterations": 20, "views": 2,
    "deform_iterations": 2, "loop_frames": 4,
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A list of three shots, of which the second cannot be made; made once."""
    place = tmp_path_factory.mktemp("batch")
    image = read_pixels(ROOT / "demo" / "chenonceau_river.jpg")
    write_png(place / "small.png", cv2.resize(image[200:650, :600], (160, 120)))
    shots = [
        {"name": "first", "photo": "small.png", "export": ["first.ply"]},
        {"name": "broken", "photo": "missing.png"},
        {"name": "second", "photo": "small.png", "render": False, "settings": {"speed": 1.5}},
    ]
    write(place, shots)
    return place


def write(place, shots, **more):
    values = {"format": batch.FORMAT, "version": 1, "defaults": {"settings": SETTINGS}, **more}
    (place / "shots.json").write_text(json.dumps({**values, "shots": shots}))


def make(place, *options):
    return main(["batch", str(place / "shots.json"), "--cache-dir", str(place / "cache"), *options])


@pytest.fixture(scope="module")
def made(folder):
    command = [sys.executable, "-m", "livescape", "batch", str(folder / "shots.json")]
    command += ["--cache-dir", str(folder / "cache"), "--progress", "json"]
    return subprocess.run(command, capture_output=True, text=True, timeout=280)


def test_shots_are_made_and_one_that_fails_stops_no_other(folder, made):
    assert made.returncode == 1
    said = [line for line in made.stderr.splitlines() if ": " in line]
    assert [line for line in said if line.endswith((": made", ": failed"))] == [
        "first: made", "broken: failed", "second: made",
    ]  # fmt: skip
    assert sorted(path.name for path in (folder / "first").iterdir()) == [
        "first.ply", "first_frame.ply", "frames", "report.json", "shot.json",
    ]  # fmt: skip
    assert len(list((folder / "first" / "frames").glob("*.png"))) == 4
    assert not (folder / "second" / "frames").exists()
    assert not (folder / "broken" / "shot.json").exists()


def test_progress_is_told_in_lines_of_json(made):
    lines = [json.loads(line) for line in made.stdout.splitlines()]
    runs, run = [], []
    for line in lines:
        run.append(line)
        if line["event"] != "progress":
            runs.append(run)
            run = []
    assert [each[-1]["event"] for each in runs] == ["done", "failed", "done"]
    assert runs[1][-1]["error"]["code"] == "input_unreadable"
    fractions = [line["fraction"] for line in runs[0][:-1]]
    assert fractions == sorted(fractions)
    assert 0.8 < fractions[-1] <= 1.0
    assert {"photo", "depth", "deform", "render"} <= {line["stage"] for line in runs[0][:-1]}
    assert 0 < runs[0][-1]["moving"] <= runs[0][-1]["gaussians"]
    assert runs[0][-1]["frames"] == 4


def test_what_is_made_is_left_alone_and_what_has_changed_is_made_again(folder, made, monkeypatch):
    made_now = []
    monkeypatch.setattr(batch, "_make", lambda said: made_now.append(said[0]) or True)
    before = json.loads((folder / "shots.json").read_text())["shots"]
    assert make(folder, "--only", "first", "--only", "second") == 0
    assert made_now == []
    write(folder, [before[0], {**before[2], "settings": {"speed": 2.0}}])
    assert make(folder) == 0
    assert len(made_now) == 1
    (folder / "small.png").write_bytes((folder / "small.png").read_bytes() + b"\0")
    assert make(folder) == 0
    assert len(made_now) == 3
    assert make(folder) == 0
    assert len(made_now) == 3


def test_the_arguments_of_a_shot_are_those_of_run():
    shot = {
        "name": "a", "photo": "p.jpg", "camera_path": "c.json", "mask": "m.png",
        "preset": "draft", "settings": {"speed": 1.5, "motion": "hints"}, "export": ["x.usdc"],
    }  # fmt: skip
    said = batch.words(shot, Path("/b"), Path("/o/a"))
    assert said == [
        "/b/p.jpg", "--out", "/o/a", "--camera-path", "/b/c.json", "--mask", "/b/m.png",
        "--preset", "draft", "--set", "speed", "1.5", "--set", "motion", "hints",
        "--render", "/o/a/frames", "--export", "/o/a/x.usdc",
    ]  # fmt: skip


GOOD = {"name": "a", "photo": "p.jpg"}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ("{", "not JSON"),
        ("[]", "not JSON with a map"),
        ("[" * 100_000, "not JSON"),
        ({"format": "other"}, "its format is not"),
        ({"version": 2}, "its format is not"),
        ({"shots": []}, "lists no shots"),
        ({"shots": {}}, "lists no shots"),
        ({"shots": [3]}, "shot 1 is"),
        ({"defaults": 3}, "shot 1 is"),
        ({"shots": [{"photo": "p"}]}, "shot 1 has no name"),
        ({"shots": [{"name": "a"}]}, "shot 1 has no photo"),
        ({"shots": [GOOD, {**GOOD, "name": 3}]}, "shot 2 is"),
        ({"shots": [GOOD, GOOD]}, "two of its shots are called a"),
        ({"shots": [{**GOOD, "name": "../a"}]}, "no name of a folder"),
        ({"shots": [{**GOOD, "name": "."}]}, "no name of a folder"),
        ({"shots": [{**GOOD, "colour": 1}]}, "a field 'colour'"),
        ({"shots": [{**GOOD, "photo": None}]}, "shot 1 is"),
        ({"shots": [{**GOOD, "render": 1}]}, "shot 1 is"),
        ({"shots": [{**GOOD, "settings": []}]}, "shot 1 is"),
        ({"shots": [{**GOOD, "export": "x.ply"}]}, "list of file names"),
        ({"shots": [{**GOOD, "export": ["../x.ply"]}]}, "list of file names"),
        ({"shots": [{**GOOD, "mask": "m\0.png"}]}, "null character"),
        ({"shots": [{**GOOD, "settings": {"motion": "\0"}}]}, "null character"),
        ({"shots": [{**GOOD, "name": "b"}, {**GOOD, "name": "B"}]}, "two of its shots"),
    ],
)
def test_a_list_that_cannot_be_used_says_where(tmp_path, values, says):
    path = tmp_path / "shots.json"
    if isinstance(values, dict):
        values = json.dumps({"format": batch.FORMAT, "version": 1, "shots": [GOOD], **values})
    path.write_text(values)
    with pytest.raises(LivescapeError) as caught:
        batch.read_shots(path)
    assert caught.value.code == "shots_invalid"
    assert says in caught.value.message


def test_a_folder_that_cannot_be_one_stops_no_other_shot(tmp_path, capfd, monkeypatch):
    write(tmp_path, [GOOD, {**GOOD, "name": "b"}])
    (tmp_path / "a").write_text("a file")
    (tmp_path / "b" / batch.MARK).mkdir(parents=True)
    assert make(tmp_path) == 1  # p.jpg is not there either
    monkeypatch.setattr(batch, "_make", lambda said: True)
    assert make(tmp_path) == 1
    said = capfd.readouterr().err
    assert said.count("a: failed") == said.count("b: failed") == 2
    assert said.count("output_not_writable") >= 3
    assert "Traceback" not in said


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_list_may_be_written_in_any_unicode(tmp_path, encoding):
    path = tmp_path / "shots.json"
    values = {"format": batch.FORMAT, "version": 1, "shots": [{**GOOD, "photo": "h\u00f6he.jpg"}]}
    path.write_text(json.dumps(values, ensure_ascii=False), encoding=encoding)
    assert batch.read_shots(path)[0]["photo"] == "h\u00f6he.jpg"


def test_a_list_that_is_not_there_and_a_shot_that_is_not_listed_are_named(tmp_path, capsys):
    assert main(["batch", str(tmp_path / "none.json")]) == 2
    write(tmp_path, [GOOD])
    assert make(tmp_path, "--only", "b") == 2
    assert capsys.readouterr().err.count("shots_invalid") == 2


def test_lines_come_at_most_ten_times_a_second_and_at_every_new_stage(capsys):
    now = [0.0]
    turn = 2.0**-6  # added up without rounding
    assert 6 * turn < INTERVAL_S < 7 * turn
    teller = OpenJobTeller(clock=lambda: now[0])
    for step in range(100):
        teller.progress("depth" if step < 50 else "motion", step, 100, step / 100)
        now[0] += turn
    teller.failed(LivescapeError("depth_failed", "There is\nno depth.", hint="Try."))
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["openjd_status: depth", "openjd_progress: 0.0", "openjd_progress: 7.0"]
    assert lines.count("openjd_status: motion") == 1
    assert len([line for line in lines if line.startswith("openjd_progress")]) == 8 + 8
    assert lines[-1] == "openjd_fail: depth_failed: There is no depth. Try."
    teller.done({})
    assert capsys.readouterr().out == "openjd_progress: 100.0\n"
    JsonTeller(clock=lambda: 0.0).failed(LivescapeError("x", "y"))
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "x"
