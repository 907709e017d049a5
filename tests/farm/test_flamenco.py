"""The Flamenco job type, executed: the tasks it makes are ones that our programs understand."""

import argparse
import json
from pathlib import Path

import pytest
from py_mini_racer import MiniRacer

from livescape.commands import movie, run

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "farm" / "flamenco" / "livescape_shot.js"
KINDS = {"string", "int32", "float", "bool"}
SUBTYPES = {"file_path", "dir_path", "file_name", "hashed_file_path"}
"""Of settings, as Flamenco knows them."""

GIVEN = {
    "photo": "/in/photo.jpg", "camera_path": "/in/path.json", "preset": "final", "hints": "",
    "settings": '{"speed": 1.5}', "object": "River", "frames": "1-10", "chunk_size": 4,
    "out": "/out", "name": "shot", "scripts": "/scripts", "blendfile": "/in/scene.blend",
}  # fmt: skip


@pytest.fixture
def engine():
    with MiniRacer() as running:
        running.eval((Path(__file__).parent / "flamenco.js").read_text())
        running.eval(SCRIPT.read_text())
        yield running


@pytest.fixture
def tasks(engine):
    made = json.loads(engine.eval(f"tasksOf({json.dumps(GIVEN)})"))
    return {task["name"]: task for task in made}


def words(task):
    (command,) = task["commands"]
    assert command["name"] == "exec"
    return [command["parameters"]["exe"], *command["parameters"]["args"]]


def test_settings_are_of_flamencos_kinds_and_all_are_used(engine):
    settings = json.loads(engine.eval("JSON.stringify(JOB_TYPE.settings)"))
    assert {setting["key"] for setting in settings} == GIVEN.keys()
    assert {setting["type"] for setting in settings} <= KINDS
    assert {setting.get("subtype", "file_path") for setting in settings} <= SUBTYPES
    source = SCRIPT.read_text()
    assert all(f"settings.{setting['key']}" in source for setting in settings)


def test_tasks_wait_for_what_they_need(tasks):
    chunks = ["render-1-4", "render-5-8", "render-9-10"]
    needs = {name: task["dependencies"] for name, task in tasks.items()}
    assert needs == {
        "generate": [], "build": ["generate"], "movie": chunks,
        **{name: ["build"] for name in chunks},
    }  # fmt: skip
    kinds = {name: task["type"] for name, task in tasks.items()}
    assert {kinds[chunk] for chunk in chunks} == {"blender"}
    assert {kinds["generate"], kinds["build"], kinds["movie"]} == {"livescape"}


def parsed(module, said):
    parser = argparse.ArgumentParser(exit_on_error=False)
    module.add_arguments(parser)
    return parser.parse_args(said)


def test_livescape_understands_its_words(tasks):
    exe, command, *said = words(tasks["generate"])
    options = parsed(run, said)
    assert (exe, command) == ("{livescape}", "run")
    assert (str(options.photo), options.preset, options.object) == (
        "/in/photo.jpg", "final", "River",
    )  # fmt: skip
    assert (options.hints, options.settings) == (None, {"speed": 1.5})
    assert str(options.blend) == "/out/shot.blend"
    exe, command, *said = words(tasks["movie"])
    options = parsed(movie, said)
    assert (exe, command) == ("{livescape}", "movie")
    assert (str(options.folder), str(options.movie)) == ("/out/frames", "/out/shot.mp4")
    assert options.frames == list(range(1, 11))


def test_blender_runs_scripts_that_are_there(tasks):
    for name, blend in (("build", "/in/scene.blend"), ("render-5-8", "/out/shot.blend")):
        said = words(tasks[name])
        assert said[:3] == ["{blender}", "-b", blend]
        script = Path(said[said.index("--python") + 1])
        assert script.parent == Path("/scripts")
        assert (ROOT / "farm" / "scripts" / script.name).is_file()
        assert said.index("--python-exit-code") < said.index("--python") < said.index("--")
    assert words(tasks["render-5-8"])[-3:] == ["--out", "/out/frames", "--frames=5-8"]


def test_a_value_that_is_text_is_never_code(engine):
    """Whatever a setting holds stays one word."""
    odd = {**GIVEN, "photo": "a b'\"$(x);\n--out", "frames": "7"}
    made = json.loads(engine.eval(f"tasksOf({json.dumps(odd)})"))
    generate = next(task for task in made if task["name"] == "generate")
    assert words(generate)[2] == odd["photo"]
    assert [task["name"] for task in made if task["name"].startswith("render")] == ["render-7"]
