"""Cancels a generation while its server does not answer, and before it has been asked again."""

import os
import signal
from pathlib import Path

import bpy
import common
from job_common import end_of, offered, offers, pump, records, running, shot, state
from tests.addon import jobs

from livescape_shared.connection import default_state_dir

root = Path(common.arguments()["folder"])
unwanted = common.addon("generate.unwanted")
server = common.addon("bridge.launcher").find_server(default_state_dir())


def begun(name, seed):
    """Begin a generation that is held; return its job."""
    shot(root / name / "shot.blend", root, seed)
    running.start(bpy.context)
    request = records.read_request(root / name / "livescape", running.current().record)
    pump(until=lambda: state().stage == "working")
    return request.job_id()


def cancelled(job):
    """Cancel what runs; return how it ended here and there."""
    state().is_cancelling = True
    note = pump().note
    os.kill(server.pid, signal.SIGCONT)
    unwanted.wait()
    return [note, end_of(job), offered()]


job = begun("lost", jobs.HELD + 10)
os.kill(server.pid, signal.SIGSTOP)
pump(until=lambda: state().stage == "the server does not answer")
result = {"lost": cancelled(job)}

job = begun("resumed", jobs.HELD + 11)
running.shut_down()
running.resume(bpy.context, offers.open_offers()[0])
result["resumed"] = cancelled(job)
common.leave(result)
