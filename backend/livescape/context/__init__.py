"""What a run carries through every stage: device, threads, models, cache, progress and cancel.

Made once, at the door, by :meth:`Context.make`; nothing below reads an environment variable or
asks which device computes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from livescape.context.cache import StageCache, code_version, stage_key
from livescape.context.device import choose_device, device_class
from livescape.context.environment import Checkpoints, Environment
from livescape.context.progress import Progress, Report
from livescape.engine.threads import set_thread_count

T = TypeVar("T")


@dataclass(frozen=True)
class Context:
    """All that a stage needs beside its inputs.

    Attributes:
        device: ``cpu`` or ``cuda``.
        device_class: What the bits of a result depend on: ``cpu``, or the kind of graphics card.
        models: Folder of the downloaded models.
        checkpoints: The user's own network files.
        cache: Results of stages.
        progress: Reports what is done and hears that the user cancels.
    """

    device: str
    device_class: str
    models: Path
    checkpoints: Checkpoints
    cache: StageCache
    progress: Progress

    @classmethod
    def make(
        cls,
        *,
        cache_dir: Path,
        report: Report = lambda *_: None,
        cancelled: Callable[[], bool] = lambda: False,
        environment: Environment | None = None,
    ) -> Context:
        """Return the context of one run, with the machine as it is now.

        Args:
            cache_dir: Folder of stage results.
            report: Receives progress.
            cancelled: Whether the user wants to stop; asked at least every two seconds.
            environment: The user's choices; those of the environment variables by default.
        """
        chosen = environment or Environment.read()
        set_thread_count(chosen.threads)
        device, _ = choose_device(chosen.device)
        return cls(
            device=device,
            device_class=device_class(device),
            models=chosen.models,
            checkpoints=chosen.checkpoints,
            cache=StageCache(cache_dir, chosen.cache_bytes),
            progress=Progress(report, cancelled, device),
        )

    def cached(
        self, stage: str, version: int, kind: type[T], make: Callable[[], T], *inputs: object
    ) -> T:
        """Return a stage's result: from the cache if it was made of the same, else made now.

        The same is: this version of the stage and of the code, this class of device, and equal
        inputs.

        Args:
            stage: Name of the stage.
            version: Of the stage.
            kind: Dataclass of the result.
            make: Makes it.
            inputs: All that it depends on, choices included; see :func:`stage_key`.
        """
        key = stage_key(stage, version, code_version(), self.device_class, *inputs)
        value, _ = self.cache.get(key, kind, make)
        return value
