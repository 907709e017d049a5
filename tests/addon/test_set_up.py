"""Setting the backend up from the add-on, in Blender: before, meanwhile, after, and undone."""

import re
import sys

import build_addon
import pytest
from tests.addon.conftest import ROOT, install
from tests.setting_up.wheels import bundle_of, write_wheel

sys.path.insert(0, str(ROOT / "blender_addon"))


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    folder = tmp_path_factory.mktemp("set_up")
    bundle_of(folder / "extension", build_addon.installer_wheel(build_addon.current_platform()))
    write_wheel(folder / "wheels", "tiny", "1.0", {"tiny.py": ""})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIVESCAPE_STATE_DIR", str(folder / "state"))
        patch.delenv("LIVESCAPE_PYTHON", raising=False)
        return blender.run(
            "set_up.py",
            folder,
            extension=str(folder / "extension"),
            wheels=str(folder / "wheels"),
        )


def test_a_fresh_blender_says_that_nothing_is_set_up_and_offers_it(result):
    line, drawn, code = result["at first"]
    assert line == ["off", "Not set up", "Set Up"]
    assert drawn.count("operator livescape.set_up Set Up") == 2, "in panel and preferences"
    assert code == "backend_missing"
    assert ".user" in result["root"], "the extension's own folder, which goes with it"


def test_without_a_network_nothing_is_tried(result):
    assert "online access is off" in result["offline"]
    assert "no wheels in the folder nothing" in result["no wheels"]
    for case in ("offline", "no wheels"):
        assert "Traceback" not in result[case]


def test_it_is_set_up_from_a_folder_and_then_used(result):
    assert result["set up"] == ["FINISHED"]
    line, drawn, python = result["then"]
    assert line == ["ready", "Ready: CPU, starts with Generate", ""]
    assert python.startswith(result["root"])
    assert "operator livescape.set_up Repair" in drawn
    assert "operator livescape.remove_backend" in drawn
    assert any(each.startswith("label Livescape 0.1.0 is set up here") for each in drawn)
    assert result["in blender"] == []
    assert result["size"] > 1000


def test_meanwhile_a_bar_and_cancel_are_shown_and_nothing_else_begins(result):
    assert "already" in result["second"]
    drawn = result["while it works"]
    assert any(each.startswith("progress") for each in drawn)
    assert "operator livescape.cancel_set_up" in drawn
    assert "operator livescape.open_log" in drawn
    assert "operator livescape.set_up Set Up" not in drawn
    assert result["cancelled"].startswith("Cancelled")
    assert result["after cancelling"] == ["off", "Not set up", "Set Up"]


@pytest.mark.parametrize(
    ("case", "level", "button", "code"),
    [
        ("named", "bad", "Change", "backend_missing"),
        ("other version", "busy", "Update", "backend_outdated"),
        ("other build", "busy", "Update", "backend_outdated"),
        ("python gone", "bad", "Repair", "backend_missing"),
    ],
)
def test_what_is_wrong_later_has_its_button_and_its_code(result, case, level, button, code):
    line, found = result[case]
    assert (line[0], line[2], found) == (level, button, code)


def test_a_sentence_on_versions_names_two_that_differ(result):
    other, needed = re.findall(r"\d+\.\d+\.\d+", result["other version's sentence"])
    assert other != needed
    assert "another build" in result["other build's sentence"]
    assert len(re.findall(r"\d+\.\d+\.\d+", result["other build's sentence"])) == 1


def test_repair_mends_it(result):
    assert result["repaired"] == [["FINISHED"], ["ready", "Ready: CPU, starts with Generate", ""]]


def test_a_folder_of_the_artists_choice_and_back(result):
    before, outcome, after, python = result["elsewhere"]
    assert (before[1], outcome, after[0]) == ("Not set up", ["FINISHED"], "ready")
    assert "elsewhere" in python
    assert result["removed"] == [["FINISHED"], ["off", "Not set up", "Set Up"], False]
    assert result["here still"][0] == "ready"


def test_logs_open_and_networks_are_asked_of_the_backend(result):
    assert result["log"] == ["FINISHED"]
    assert result["server log"] == ["CANCELLED"]
    assert result["copied"] == ["FINISHED"]
    assert "The backend could not do that" in result["listed"]


def test_what_has_failed_is_in_the_log_of_that_work(result):
    assert result["last log"] == "models.log"


def test_disabling_the_add_on_ends_what_goes_on_and_leaves_what_was_whole(result):
    assert result["threads"] == []
    assert result["half"] == [result["current"]]
    assert not result["lock"]


def test_removing_the_extension_removes_the_backend(
    blender_python, addon_zip, tmp_path_factory, tmp_path
):
    own = install(blender_python, addon_zip, tmp_path_factory)
    bundle_of(tmp_path / "extension", build_addon.installer_wheel(build_addon.current_platform()))
    write_wheel(tmp_path / "wheels", "tiny", "1.0", {"tiny.py": ""})
    found = own.run(
        "uninstall.py",
        tmp_path,
        extension=str(tmp_path / "extension"),
        wheels=str(tmp_path / "wheels"),
    )
    assert (found["outcome"], found["before"]) == (["FINISHED"], True)
    assert not found["after"]
    assert found["left"] == []
