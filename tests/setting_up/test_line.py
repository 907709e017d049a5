"""The line that says how the backend stands: every state has its colour and its one button."""

import pytest

from livescape_shared.errors import LivescapeError
from setting_up.line import Answer, Facts, line_of
from setting_up.place import Installed

HERE = Installed("env-1", "0.1.0", "CPU", 1)
OLD = Installed("env-1", "0.0.9", "CPU", 1)
GB = 10**9
UNREACHABLE = LivescapeError("server_unreachable", "The server cannot be reached.")


def facts(**changes):
    return Facts(**{"version": "0.1.0", "installed": HERE, "has_python": True, **changes})


NOTHING = {"installed": None, "has_python": False}
CASES = [
    (facts(**NOTHING), "off", "Not set up", "Set Up"),
    (facts(**NOTHING, is_interrupted=True), "off", "Setting up was interrupted", "Continue"),
    (facts(**NOTHING, is_busy=True), "busy", "Another Blender is setting up", ""),
    (facts(has_python=False), "bad", "The Python that the backend needs is gone", "Repair"),
    (facts(has_python=False, named=True), "bad", "The Python that you named is not there",
     "Change"),
    (facts(is_outdated=True), "busy",
     "Other version: another build is set up, 0.1.0 is needed", "Update"),
    (facts(installed=OLD, is_outdated=True), "busy",
     "Other version: 0.0.9 is set up, 0.1.0 is needed", "Update"),
    (facts(installed=OLD, is_outdated=True, named=True), "ready",
     "Ready: starts with Generate", ""),
    (facts(), "ready", "Ready: CPU, starts with Generate", ""),
    (facts(is_interrupted=True), "ready", "Ready: CPU, starts with Generate", ""),
    (facts(is_running=True), "busy", "Starting", ""),
    (facts(is_running=True, answer=Answer("0.1.0", "RTX", 3 * GB)), "ready",
     "Ready: RTX, 3.0 GB free", ""),
    (facts(is_running=True, answer=Answer("0.1.0", "", 0)), "ready", "Ready: CPU", ""),
    (facts(named=True, is_running=True, answer=Answer("0.1.0", "", 0)), "ready",
     "Ready: running", ""),
    (facts(is_running=True, answer=Answer("0.2.0", "CPU", 0)), "busy",
     "Other version: 0.2.0 runs, 0.1.0 is needed", "Restart"),
    (facts(is_running=True, error=UNREACHABLE), "bad", "The server cannot be reached.",
     "Try Again"),
    (facts(**NOTHING, is_running=True, answer=Answer("0.1.0", "CPU", GB)), "ready",
     "Ready: CPU, 1.0 GB free", ""),
    (facts(server="box", is_allowed=False), "bad", "box: online access is off",
     "Allow Online Access"),
    (facts(server="box"), "busy", "Connecting to box", ""),
    (facts(server="box", error=UNREACHABLE), "bad", "box: The server cannot be reached.",
     "Try Again"),
    (facts(server="box", answer=Answer("0.1.0", "A100", 70 * GB)), "ready",
     "Ready: box, A100, 70.0 GB free", ""),
    (facts(server="box", answer=Answer("0.0.9", "A100", 0)), "busy",
     "Other version: 0.0.9 on box, 0.1.0 here", "Try Again"),
]  # fmt: skip


@pytest.mark.parametrize(("found", "level", "text", "button"), CASES)
def test_each_state_has_its_line(found, level, text, button):
    line = line_of(found)
    assert (line.level, line.text, line.button) == (level, text, button)
    assert bool(line.operator) == bool(line.button)


def test_a_start_that_goes_on_or_has_failed_is_said():
    assert line_of(facts(), is_starting=True).level == "busy"
    assert line_of(facts(), is_computing=True).text == "Computing"
    assert line_of(facts(server="box"), is_starting=True).text == "Connecting to box"
    assert line_of(facts(server="box"), is_computing=True).text == "Computing on box"
    failed = line_of(facts(), failed="The server stopped while starting.")
    assert (failed.level, failed.button) == ("bad", "Repair")
    assert line_of(facts(named=True), failed="It stopped.").button == "Change"
    running = facts(is_running=True, answer=Answer("0.1.0", "CPU", 0))
    assert line_of(running, failed="It stopped.").level == "ready"
