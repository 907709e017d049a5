"""Whatever is done to files meanwhile, a generation reaches the scene that it was made for."""

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from tests.addon.conftest import ROOT, SCRIPTS

OURS = ["Livescape"]


@pytest.fixture(scope="module")
def result(blender, environment, tmp_path_factory):
    return blender.run("job_matrix.py", tmp_path_factory.mktemp("job_matrix"))


def test_save_as_in_the_same_folder(result):
    found = result["saved_under_another_name"]
    assert found["error"] == "None"
    assert found["ours"] == ["same"]
    assert found["offered"] == []
    assert found["before"] == [[], []], "the earlier file is as it was"
    assert found["left"] == OURS


def test_save_as_in_another_folder(result):
    found = result["saved_elsewhere"]
    assert found["error"] == "None"
    assert found["ours"] == ["new"]
    assert found["left"] == [[], OURS]
    assert found["offered"] == []


def test_save_as_in_another_folder_at_the_last_moment(result):
    found = result["saved_elsewhere_when_all_has_arrived"]
    assert (found["error"], found["problem"], found["names"]) == ("None", "None", OURS)
    assert found["plays"] == ["late_new"]
    assert found["left"] == [[], OURS]


def test_another_scene_is_left_alone(result):
    assert result["another_scene"] == {"first": OURS, "second": []}


def test_a_deleted_scene_loses_nothing(result):
    found = result["scene_deleted"]
    assert "is finished" in found["note"]
    assert (found["ours"], found["offered"]) == ([], ["done"])
    assert (found["placed"], found["afterwards"]) == (OURS, [])


def test_another_file_is_left_alone_and_the_first_is_offered_its_own(result):
    found = result["another_file"]
    assert found["busy"] == [True, False], str(found)
    assert "a.blend" in found["note"]
    assert (found["b"], found["offered in b"]) == ([], [])
    assert (found["offered in a"], found["a"], found["afterwards"]) == (["done"], OURS, [])


def test_a_file_that_is_opened_again_takes_up_its_own(result):
    assert result["there_and_back"] == {"a": OURS, "offered": []}


def test_a_new_file_is_left_alone(result):
    found = result["new_file"]
    assert "a.blend" in found["note"]
    assert (found["untouched"], found["offered"]) == (0, ["done"])


def test_a_failure_is_told_when_its_file_is_open_again(result):
    found = result["failure_elsewhere"]
    assert found == {
        "code": "photo_too_flat",
        "offered": ["failed"],
        "afterwards": [],
        "left": [],
    }


def test_undo_and_another_file_in_the_middle_of_building(result):
    found = result["opened_while_it_is_built"]
    assert found["abandoned"]
    assert "a.blend" in found["note"]
    assert (found["b"], found["a"]) == ([], OURS)


def test_one_step_of_undo(result):
    assert result["undone"]["steps"] == [OURS, [], OURS]


def test_edit_mode_is_waited_for(result):
    assert result["in_edit_mode"] == {"waits": [], "ours": OURS}


def test_a_deleted_object_takes_all_of_its_own_with_it(result):
    found = result["deleted_and_made_again"]
    assert (found["children"], found["in scene"]) == (0, 0)
    assert found["names"] == sorted(
        ["Camera", "Livescape", "Livescape Billboards", "Livescape Gaussians", "Livescape Moving",
         "Livescape Static", "Livescape Viewport"]
    )  # fmt: skip
    assert found["left"] == ["Camera"]


@pytest.mark.parametrize("kind", ["link", "append"])
def test_generate_beside_the_object_of_another_file(result, kind):
    found = result["beside_a_linked_one"][kind]
    assert (found["outcome"], found["error"]) == (["FINISHED"], "")
    assert found["plays"] == sorted(["library", kind]), "the other one keeps its own"
    assert found["static"] == 600


def test_what_another_blender_is_at_is_not_offered(result):
    found = result["followed_elsewhere"]
    assert (found["alive"], found["dead"]) == ([], ["running"])
    assert found["said"] == ["job_lost", False]


@pytest.mark.parametrize("how", ["closed", "killed"])
def test_an_interrupted_generation_is_offered_and_goes_on(blender, environment, how, tmp_path):
    interrupt(blender, how, tmp_path)
    found = blender.run("job_resumed.py", tmp_path, how=how)
    assert (found["empty"], found["offered"]) == ([], ["running"])
    assert (found["outcome"], found["ours"]) == (["FINISHED"], OURS)
    assert (found["afterwards"], found["left"]) == ([], OURS)


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
def test_what_came_early_in_a_killed_blender_goes_when_its_generation_is_over(
    blender, environment, tmp_path
):
    interrupt(blender, "early", tmp_path)
    found = blender.run("job_resumed.py", tmp_path, how="early")
    assert found["before"] == [".jobs", *OURS], "offered, with what there is of it"
    assert (found["outcome"], found["ours"]) == (["FINISHED"], OURS)
    assert len(list((tmp_path / "livescape").glob("[!.]*"))) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
def test_what_came_early_in_a_killed_blender_goes_when_it_is_discarded(
    blender, environment, tmp_path
):
    interrupt(blender, "discarded", tmp_path)
    assert len(list((tmp_path / "livescape").glob("[!.]*"))) == 1
    found = blender.run("job_resumed.py", tmp_path, how="discarded")
    assert (found["offered"], found["left"]) == (["running"], [])
    assert found["job"] == "cancelled", "the killed Blender does not count as waiting for it"
    assert not (tmp_path / "livescape").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
def test_two_blenders_with_the_same_file(blender, environment, tmp_path):
    """The one that began it places it; only once that is gone the other is offered it."""
    with interrupted(blender, "beside", tmp_path) as process:
        told = tmp_path / "interrupted.json"
        while not (told.exists() and told.read_text()):
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        reaper = threading.Thread(target=process.wait)  # or what was killed would linger
        reaper.start()
        try:
            found = blender.run("job_beside.py", tmp_path, other=int(told.read_text()))
        finally:
            process.kill()
            reaper.join()
    said = "label Livescape for the scene Scene is being made in another Blender"
    assert (found["offered"], found["drawn"]) == ([], [said])
    assert found["left"] == [".jobs", *OURS], "the other one shows a coarse scene"
    assert found["afterwards"] == ["running"]
    assert found["drawn afterwards"][0] == "label Livescape for the scene Scene"
    assert found["drawn afterwards"][1:] == [
        "operator livescape.resume Resume", "operator livescape.discard"
    ]  # fmt: skip
    assert (found["outcome"], found["again"]) == (["FINISHED"], "job_lost")
    assert (found["in the end"], found["ours"]) == (OURS, OURS)
    assert len(list((tmp_path / "livescape").glob("[!.]*"))) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP")
def test_cancel_reaches_a_server_that_does_not_hear_it_at_once(blender, environment, tmp_path):
    found = blender.run("cancel_unheard.py", tmp_path)
    assert found["lost"] == found["resumed"] == ["Cancelled", "cancelled", []]


@contextmanager
def interrupted(blender, how, folder):
    """Let a Blender run that ends in the middle of a generation; it is gone at the end."""
    given = {"folder": str(folder), "result": str(folder / "interrupted.json"), "how": how}
    process = subprocess.Popen(
        [str(blender.python), str(SCRIPTS / "job_interrupted.py"), json.dumps(given)],
        env={
            **os.environ,
            "BLENDER_USER_RESOURCES": str(blender.resources),
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(SCRIPTS)]),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()  # does nothing if it has ended
        process.communicate()


def interrupt(blender, how, folder) -> None:
    """Run a Blender that ends in the middle of a generation."""
    with interrupted(blender, how, folder) as process:
        said, _ = process.communicate(timeout=240)
        code = process.returncode
    assert (folder / "interrupted.json").exists(), said
    assert code == (0 if how == "closed" else -9)
    assert sys.platform != "win32"
