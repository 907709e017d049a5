"""What the server tells about itself and its jobs."""

from __future__ import annotations

import platform
import shutil
import time
from collections import Counter
from contextlib import suppress
from typing import Any

from livescape.server.bounds import Limits
from livescape.server.jobs import Job, State
from livescape.server.scheduler import Scheduler
from livescape_shared import __version__
from livescape_shared.messages import PROTOCOL_VERSION, Jobs, Status


def listing(scheduler: Scheduler) -> Jobs:
    """Return all jobs, the oldest first."""
    return Jobs({job.id: _description(job) for job in scheduler.jobs})


def _description(job: Job) -> dict[str, Any]:
    return {
        "state": job.state.value,
        "stage": job.stage,
        "fraction": 1.0 if job.state is State.DONE else job.fraction,
        "client": job.client,
        "created": job.created,
        "waiting": len(job.waiters),
        "chunks": job.chunks,
        "size": job.size,
        "digest": job.digest,
        "error": {} if job.error is None else job.error.to_dict(),
    }


def status(scheduler: Scheduler, limits: Limits, *, clients: int, started: float) -> Status:
    """Return how the server is.

    Args:
        scheduler: Its jobs.
        limits: Its bounds.
        clients: How many are connected.
        started: Monotonic time at which it started.
    """
    jobs = scheduler.jobs
    count = Counter(job.state for job in jobs)
    return Status(
        device=scheduler.device,
        uptime_s=time.monotonic() - started,
        clients=clients,
        queue={state.value: count[state] for state in State},
        memory=_memory(),
        device_memory=scheduler.device_memory,
        disk=_disk(scheduler),
        results={"bytes": sum(job.size for job in jobs), "quota": limits.results_bytes},
        versions={
            "livescape": __version__,
            "protocol": ".".join(map(str, PROTOCOL_VERSION)),
            "python": platform.python_version(),
            **scheduler.versions,
        },
    )


def _memory() -> dict[str, int]:
    with suppress(ImportError, OSError):
        import psutil

        memory = psutil.virtual_memory()
        return {"total": int(memory.total), "free": int(memory.available)}
    return {}


def _disk(scheduler: Scheduler) -> dict[str, int]:
    with suppress(OSError):
        usage = shutil.disk_usage(scheduler.place)
        return {"total": usage.total, "free": usage.free}
    return {}
