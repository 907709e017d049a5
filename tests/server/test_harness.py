"""The tests' own tools: nothing that a client says is lost, and no server is left behind."""

import signal
import subprocess
import sys

from tests.server.harness import ROOT, alive, environment, follow, wait_for

HOLDER = """
import sys, time
from pathlib import Path
from tests.server.harness import Server
print(Server(Path(sys.argv[1])).process.pid, flush=True)
time.sleep(60)
"""


class Telling:
    def __init__(self, *polls):
        self.polls = list(polls)

    def poll(self, wait_s):
        return self.polls.pop(0) if self.polls else []


def test_what_comes_with_the_awaited_event_is_there_for_the_next_wait():
    client = Telling([1, 2, 3], [4])
    assert follow(client, lambda event: event == 2) == [1, 2]
    assert follow(client, lambda event: event == 4) == [3, 4]


def test_a_program_that_is_asked_to_end_takes_its_server_with_it(tmp_path):
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(), cwd=ROOT) as holder:
        server = int(holder.stdout.readline())
        holder.send_signal(signal.SIGTERM)
        assert holder.wait(10) == 128 + signal.SIGTERM
    wait_for(lambda: not alive(server), 5, "the end of the server")
