"""Every operator has a page of the manual and a blocking form, and every icon exists."""

import ast
from pathlib import Path

import pytest
from tests.addon.shown_words import ADDON


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return blender.run("conventions.py", tmp_path_factory.mktemp("conventions"))


def icons_of(tree):
    """The icons that a source names: ``icon=``, and what :func:`draw_text` is given."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name == "invoke_confirm":
            continue  # its icons are others
        wanted = [each.value for each in node.keywords if each.arg == "icon"]
        if name == "draw_text":
            wanted += node.args[2:3]
        for value in wanted:
            branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            yield from (each.value for each in branches if isinstance(each, ast.Constant))


def named_icons():
    found = {}
    for path in sorted(ADDON.rglob("*.py")):
        for icon in icons_of(ast.parse(path.read_text("utf-8"))):
            found.setdefault(icon, path.relative_to(ADDON).as_posix())
    return found


def test_f1_finds_every_operator_and_property_in_the_manual(result):
    pages = result["manual"]
    assert len(pages) > 100
    assert {name: page for name, (page, is_there) in pages.items() if not is_there} == {}


def test_the_manual_is_where_one_would_look(result):
    pages = {name.rpartition("livescape.")[2]: page for name, (page, _) in result["manual"].items()}
    assert pages["set_up"] == "blender.html#set-up"
    assert pages["set_up_srgb"] == "blender.html#exact-srgb-blending"
    assert pages["collect_for_farm"] == "farm.html#"
    assert pages["bpy.types.LivescapeSettings.flow_file"] == "blender.html#files-of-your-own"
    assert pages["bpy.types.LivescapeSettings.photo"] == "blender.html#use"


def test_icons_exist_in_this_blender(result):
    named, known = named_icons(), set(result["icons"])
    assert len(named) > 40
    assert {icon: where for icon, where in named.items() if icon not in known} == {}
    assert set(result["dots"]) <= known
    assert len(set(result["dots"])) == 4, "each level has a colour of its own"


def test_every_operator_has_a_blocking_form(result):
    assert result["without_execute"] == []
    assert result["bad_names"] == []


def test_an_operator_that_cannot_says_so_in_one_sentence(result):
    executed = result["executed"]
    assert len(executed) > 50
    for name, ended in executed.items():
        if isinstance(ended, str) and ended != "poll":
            assert ended.startswith("Error: "), (name, ended)
            assert "Traceback" not in ended, (name, ended)
        else:
            assert "RUNNING_MODAL" not in ended, name


def test_every_operator_that_can_be_unavailable_says_why():
    silent = [
        f"{path.name}: {cls.name}"
        for path in sorted((ADDON / "operators").glob("*.py"))
        for cls in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(cls, ast.ClassDef)
        for each in cls.body
        if isinstance(each, ast.FunctionDef) and each.name == "poll"
        if "poll_message_set" not in ast.dump(each)
    ]
    assert silent == []


def test_every_operator_has_a_tooltip(result):
    assert len(result["descriptions"]) > 60
    for name, text in result["descriptions"].items():
        assert " " in text, (name, text)
        assert not text.endswith("."), name


def test_nothing_is_written_where_blender_happens_to_be_started(result):
    assert len(result["places"]) == 4
    for place in result["places"]:
        assert Path(place).is_absolute(), place
        assert Path(place).name not in ("", "livescape"), place
