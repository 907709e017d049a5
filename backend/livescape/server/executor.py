"""What computes the scheduler's jobs: ``submit``, ``cancel``, ``events``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from livescape.server.jobs import Job
from livescape.server.runner import Runner
from livescape_shared.messages import Preview, Progress


class Executor:
    """Computes as many jobs at a time as it has runners, wherever their workers are.

    Args:
        runners: One for each job that can be computed at a time.
    """

    def __init__(self, runners: Sequence[Runner]) -> None:
        self._runners = runners

    @property
    def jobs(self) -> list[Job]:
        """The jobs that it has accepted and that have not been reported as ended."""
        return [runner.job for runner in self._runners if runner.job is not None]

    @property
    def has_room(self) -> bool:
        """Whether it accepts another job."""
        return any(runner.job is None for runner in self._runners)

    @property
    def device(self) -> str:
        """What computes; empty until a worker has reported it."""
        found = Counter(runner.device for runner in self._runners if runner.device)
        return ", ".join(name if n == 1 else f"{n} x {name}" for name, n in found.items())

    @property
    def device_memory(self) -> dict[str, int]:
        """Total and free bytes of the graphics cards between two jobs; empty without one."""
        total: Counter[str] = Counter()
        for runner in self._runners:
            total.update(runner.device_memory)
        return dict(total)

    @property
    def versions(self) -> dict[str, str]:
        """Versions of the libraries that compute; empty until a worker has reported them."""
        return next((runner.versions for runner in self._runners if runner.versions), {})

    def warm_up(self) -> None:
        """Start the workers, so that jobs need not wait for imports."""
        for runner in self._runners:
            runner.warm_up()

    def submit(self, job: Job) -> None:
        """Accept a job; there must be room for it."""
        free = [runner for runner in self._runners if runner.job is None]
        next((runner for runner in free if runner.ready), free[0]).start(job)

    def cancel(self, job: Job) -> None:
        """Ask a job to stop at its next step."""
        for runner in self._runners:
            if runner.job is job:
                runner.cancel()

    def events(self) -> list[tuple[Job, Progress | Preview | None]]:
        """Advance the jobs; return what has come of them since the last call, None at the end."""
        happened: list[tuple[Job, Progress | Preview | None]] = []
        for runner in self._runners:
            job = runner.job
            progress, ended = runner.poll()
            if job is not None:
                happened.extend((job, each) for each in progress)
            if ended is not None:
                happened.append((ended, None))
        return happened

    def stop(self) -> None:
        """End the workers."""
        for runner in self._runners:
            runner.stop()
