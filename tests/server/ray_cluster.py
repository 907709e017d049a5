"""A real Ray cluster of this machine: the processes of one node, and four for jobs."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.server.harness import environment, wait_for

CPUS = 4
OBJECT_STORE = 80 * 2**20


class RayCluster:
    """A cluster on the loopback interface, in a folder of its own.

    Args:
        cpus: Jobs that it computes at a time.
    """

    def __init__(self, cpus=CPUS):
        self.folder = Path(tempfile.mkdtemp(prefix="ray"))  # sockets' names must be short
        command = [
            sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block",
            "--node-ip-address", "127.0.0.2", "--port", "0", "--num-cpus", str(cpus),
            "--num-gpus", "0", "--object-store-memory", str(OBJECT_STORE), "--temp-dir",
            str(self.folder / "ray"), "--include-dashboard", "false", "--disable-usage-stats",
        ]  # fmt: skip
        self.state_dir = self.folder / "state"
        self.environment = {**environment(), "LIVESCAPE_STATE_DIR": str(self.state_dir)}
        with (self.folder / "ray.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env=self.environment, start_new_session=True
            )
        try:
            self.address = wait_for(self._address, 60, "the cluster")
        except BaseException:
            self.stop()
            raise

    @property
    def cache(self):
        """Where jobs keep the results of stages."""
        return self.state_dir / "cache"

    def _address(self):
        log = (self.folder / "ray.log").read_text()
        assert self.process.poll() is None, log
        said = re.search(r"ray start --address='([\d.:]+)'", log)
        return said and said[1]

    def options(self):
        """What makes a server use it."""
        return "--executor", "ray", "--address", self.address

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)
