"""Walks what an artist does to files in every Blender that is named, and writes what was kept.

``make matrix`` does so with every Blender that is installed, and writes ``docs/versions.md``. A row
is kept in a version if all of its tests have passed there.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "versions.md"

FILES = (
    ("Save As in the same folder, in the middle of a generation",
     "the result appears in the file that is open; the earlier file keeps its own",
     "job_matrix::save_as_in_the_same_folder"),
    ("Save As in the same folder, then Generate", "each file plays its own",
     "owners::save_as_in_the_same_folder_and_generate"),
    ("Save As in another folder, then go on", "it plays on from where its cache lies",
     "owners::saving_elsewhere_keeps_playing"),
    ("Save As in another folder, in the middle of a generation or of an import",
     "cache, record and object go along",
     "job_matrix::save_as_in_another_folder", "early::saved_elsewhere_the_rest_follows",
     "hurried::the_whole_scene_follows_where_a_coarse_one_was_saved",
     "importing::the_cache_follows_the_file_that_is_saved_elsewhere"),
    ("the same when all has arrived, or while the object is built",
     "the same; to another disk too, unless it is full: then it plays from where it lies",
     "job_matrix::save_as_in_another_folder_at_the_last_moment",
     "importing::the_cache_follows_at_the_last_moment_too",
     "hurried::a_cache_goes_to_another_disk_or_stays_if_that_is_full",
     "hurried::what_nothing_plays_goes_along_when_it_is_placed"),
    ("the same once the object is there, or with one that an earlier file plays",
     "the cache stays where both files say that it lies",
     "hurried::what_is_placed_stays_where_the_saved_file_says",
     "hurried::what_the_earlier_file_plays_is_not_taken_from_it"),
    ("two scenes in one file; a full copy of a scene",
     "each plays its own; the result appears in the scene that it was made for",
     "owners::two_scenes_of_one_file", "job_matrix::another_scene_is_left_alone",
     "hurried::a_full_copy_of_a_scene_has_its_own"),
    ("the scene is deleted", "the cache; *Place* is offered",
     "job_matrix::a_deleted_scene_loses_nothing"),
    ("another file, or a new one, is opened", "the cache; offered when the first is open again",
     "job_matrix::another_file_is_left_alone_and_the_first_is_offered_its_own",
     "job_matrix::a_new_file_is_left_alone",
     "job_matrix::a_failure_is_told_when_its_file_is_open_again"),
    ("the file is opened again", "its generation is taken up again",
     "job_matrix::a_file_that_is_opened_again_takes_up_its_own"),
    ("the file is renamed, deleted, or its folder moved, by other means",
     "the cache; offered in every .blend beside it, with the name that is gone",
     "hurried::the_generation_of_a_file_that_is_gone_is_offered_beside_it",
     "hurried::a_folder_that_is_moved_away_takes_the_offer_along"),
    ("two files, two Blenders in one folder", "each its own", "owners::two_blenders_at_once"),
    ("one file in two Blenders",
     "the one that began it places it, the other one says so, and is offered it if that is killed",
     "job_matrix::two_blenders_with_the_same_file",
     "job_matrix::what_another_blender_is_at_is_not_offered"),
    ("Shift-D; then the original is deleted; a duplicate of a coarse scene",
     "each duplicate keeps its own; *Rebuild* rebuilds the active one",
     "owners::duplicates_keep_their_own", "hurried::a_duplicate_outlives_its_original",
     "hurried::a_duplicate_of_a_coarse_scene_keeps_it"),
    ("append, link, override", "they play their own; Generate beside them makes its own",
     "owners::objects_of_another_file_play_their_own",
     "job_matrix::generate_beside_the_object_of_another_file"),
    ("delete the object, undo, redo, generate again",
     "nothing is left of it, it comes back, the next has its name; what is undone is in *Jobs*",
     "job_matrix::a_deleted_object_takes_all_of_its_own_with_it", "job_matrix::one_step_of_undo",
     "owners::undo_brings_the_old_cache_back", "hurried::undone_and_done_again",
     "hurried::what_is_undone_and_saved_stays_in_the_list_of_jobs",
     "hurried::undo_of_a_second_run_plays_the_first"),
    ("undo, a purge, or another file, while the object is built or coarse",
     "it is built afterwards, or offered",
     "job_matrix::undo_and_another_file_in_the_middle_of_building",
     "hurried::a_coarse_scene_that_undo_takes_away_comes_back",
     "hurried::deleting_a_coarse_scene_does_not_keep_the_whole_one_away",
     "hurried::building_survives_a_purge"),
    ("Blender is closed, or killed by `kill -9`", "*Resume* goes on where the server is",
     "job_matrix::an_interrupted_generation_is_offered_and_goes_on"),
    ("the same while coarse scenes are shown",
     "they stay until it is finished or discarded, then they go",
     "job_matrix::what_came_early_in_a_killed_blender_goes_when_its_generation_is_over",
     "job_matrix::what_came_early_in_a_killed_blender_goes_when_it_is_discarded"),
    ("the server is killed, twice", "another is started, which goes on",
     "lost_server::a_generation_outlives_its_servers"),
    ("the disk refuses, the cache is damaged", "a card that says what to do",
     "cache_problems", "generate"),
)  # fmt: skip
"""What happens, what is kept, and the tests that show it."""

REST = (
    ("online access off, and every socket refused that leads to another computer, in Blender and "
     "in the server",
     "photo, camera, check, strokes, preview, Generate, render and *Collect for Farm* work; "
     "nothing tries", "loopback_only"),
    ("installed, enabled, driven, disabled",
     "no handler, timer, class, property, thread, process or file is left that was not asked for",
     "registration::disabling_leaves_nothing", "own_server::server_ends_with_blender"),
    ("removed", "what was set up goes too", "set_up::removing_the_extension_removes_the_backend"),
)  # fmt: skip

INTRODUCTION = """# What is kept, version by version

What can happen to files in the middle of a generation, or with its result, and what the add-on
leaves; walked in each Blender by the tests named, of `tests/addon`. This page is written by
`make matrix`, with every Blender that `make setup` and `make blenders` have installed: *yes* where
all of the row's tests have passed.
"""


def targets(test):
    """Return file and function of a test as a row names it."""
    file, _, function = test.partition("::")
    return f"tests/addon/test_{file}.py", f"test_{function}" if function else ""


def walk(python: Path, folder: Path) -> dict[str, str]:
    """Return how each test went in a Blender, by its id as a row has it."""
    named = {test for *_, tests in map(_split, (*FILES, *REST)) for test in tests}
    ids = sorted("::".join(filter(None, targets(test))) for test in named)
    report = folder / "report.xml"
    environment = {**os.environ, "LIVESCAPE_BLENDER_PYTHON": str(python)}
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *ids]
    subprocess.run(command, cwd=ROOT, env=environment, check=False)
    went: dict[str, list[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        file = case.get("classname", "").removeprefix("tests.addon.test_")
        function = case.get("name", "").partition("[")[0].removeprefix("test_")
        kinds = {child.tag for child in case}
        how = "no" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "yes"
        went.setdefault(f"{file}::{function}", []).append(how)
        went.setdefault(file, []).append(how)
    return {test: _worst(hows) for test, hows in went.items()}


def _split(row):
    event, kept, *tests = row
    return event, kept, tests


def _worst(hows):
    return next((how for how in ("no", "skipped", "not run") if how in hows), "yes")


def page(walked: dict[str, dict[str, str]]) -> str:
    """Return the page that says what was kept in which version."""
    lines = [INTRODUCTION]
    for heading, rows in (("## Files", FILES), ("## Nothing tries, nothing is left", REST)):
        lines += [heading, "", "| | what is kept | " + " | ".join(walked) + " | shown by |"]
        lines.append("|---|---|" + "---|" * len(walked) + "---|")
        for event, kept, tests in map(_split, rows):
            cells = [
                _worst([went.get(test, "not run") for test in tests]) for went in walked.values()
            ]
            shown = ", ".join(f"`{_said(test)}`" for test in tests)
            lines.append(f"| {event} | {kept} | " + " | ".join(cells) + f" | {shown} |")
        lines.append("")
    return "\n".join(lines)


def _said(test):
    file, _, function = test.partition("::")
    return f"test_{file}" + (f"::test_{function}" if function else "")


def main() -> None:
    """Write the page, from all Blenders that are named by their Pythons."""
    walked = {}
    for python in map(Path, sys.argv[1:]):
        ask = "import bpy, os; print(bpy.app.version_string, flush=True); os._exit(0)"
        version = subprocess.check_output([python, "-c", ask], text=True).split()[0]
        with tempfile.TemporaryDirectory() as folder:
            walked[version] = walk(python.absolute(), Path(folder))
    PAGE.write_text(page(walked), "utf-8")
    print(page(walked))


if __name__ == "__main__":
    main()
