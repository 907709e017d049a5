"""Computes one job at a time, wherever it runs, and says how it goes."""

from __future__ import annotations

import importlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from livescape.server.failures import job_failure, load_failure
from livescape.server.framefile import refusal
from livescape.server.jobs import preview_folder
from livescape.server.results import ResultWriter, read_request, wants_previews
from livescape_shared.errors import Cancelled, LivescapeError
from livescape_shared.request import GenerateRequest

LOGGER = logging.getLogger(__name__)

ChunkParts = tuple[str, int, Mapping[str, Any], Mapping[str, Any]]
Generate = Callable[..., Any]
ResultChunks = Callable[[Any], Iterable[ChunkParts]]
LoadedJob = tuple[Generate, ResultChunks]


def load_job(spec: str) -> LoadedJob:
    """Return the function ``module:function`` and its module's ``result_chunks``.

    Raises:
        LivescapeError: ``backend_incomplete``, ``system_library_missing`` or ``backend_broken``.
    """
    module_name, _, function_name = spec.partition(":")
    try:
        module = importlib.import_module(module_name)
        return getattr(module, function_name or "generate"), module.result_chunks
    except Exception as error:  # whatever an import may raise
        raise load_failure(error) from error


class Ear(Protocol):
    """Hears what becomes of a run, and says whether it is to stop."""

    def say(self, event: str, **values: Any) -> None:
        """Hear of an event."""

    def cancelled(self, run: str) -> bool:
        """Return whether the run is to stop."""


class ProgressGate:
    """Passes a report on if its stage is new or the last report was long enough ago."""

    def __init__(
        self,
        channel: Ear,
        run: str,
        interval_s: float,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._channel = channel
        self._run = run
        self._interval_s = interval_s
        self._next_time = 0.0
        self.stage = ""

    def report(self, stage: str, step: int, total: int, fraction: float) -> None:
        """Pass a report on, or drop it because a newer one will follow."""
        now = self._clock()
        if stage == self.stage and now < self._next_time:
            return
        self.stage, self._next_time = stage, now + self._interval_s
        values = {"step": int(step), "total": int(total), "fraction": float(fraction)}
        self._channel.say("progress", run=self._run, stage=stage, **values)


class Unwritten:
    """The last result, if the disk had no room for it: the same job, sent again, needs no more."""

    def __init__(self) -> None:
        self._job = ""
        self._result: Any = None

    def keep(self, job: str, result: Any) -> None:
        """Keep the result of ``job`` in memory."""
        self._job, self._result = job, result

    def take(self, job: str) -> Any:
        """Return the result of ``job``, None if it is another's; it is forgotten either way."""
        result = self._result if self._job == job else None
        self._job, self._result = "", None
        return result


class Place(Protocol):
    """Where the request of a run comes from and its result goes."""

    def read(self) -> GenerateRequest:
        """Return the request."""

    def write(self, chunks: Iterable[ChunkParts]) -> Mapping[str, Any]:
        """Take the result; return what there is to add to ``done``."""


class Previews:
    """Takes the scenes of a run that are there early, and says that they can be fetched.

    Args:
        place: Where they go.
        ear: Hears of them.
        run: The run.
        result_chunks: Cuts a scene into chunks.
    """

    def __init__(self, place: FolderPlace, ear: Ear, run: str, result_chunks: ResultChunks) -> None:
        self._place = place
        self._ear = ear
        self._run = run
        self._chunks = result_chunks
        self._count = 0

    def show(self, scene: Any) -> None:
        """Take the next scene.

        Raises:
            Cancelled: If the run is to stop.
            LivescapeError: ``disk_full`` or ``result_not_writable``.
        """
        self._count += 1
        written = self._place.write_preview(self._count, self._unless_cancelled(scene))
        self._ear.say("preview", run=self._run, number=self._count, **written)

    def _unless_cancelled(self, scene: Any) -> Iterator[ChunkParts]:
        for chunk in self._chunks(scene):
            if self._ear.cancelled(self._run):
                raise Cancelled
            yield chunk


class FolderPlace:
    """The folder of the run, for a worker on the server's own machine."""

    def __init__(self, command: Mapping[str, Any]) -> None:
        self._folder = Path(command["folder"])
        self._job, self._free_bytes = command["job"], command["free_bytes"]

    def read(self) -> GenerateRequest:
        """Return the request in the folder."""
        return read_request(self._folder)

    def wants_previews(self) -> bool:
        """Return whether scenes that are there early are asked for."""
        return wants_previews(self._folder)

    def write(self, chunks: Iterable[ChunkParts]) -> Mapping[str, Any]:
        """Write the chunks into it."""
        return self._write(self._folder, self._job, chunks)

    def write_preview(self, number: int, chunks: Iterable[ChunkParts]) -> Mapping[str, Any]:
        """Write the chunks of a scene that is there early into a folder of their own."""
        folder = preview_folder(self._folder, number)
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise refusal(folder, error) from error
        return self._write(folder, f"{self._job}.{number}", chunks)

    def _write(self, folder: Path, name: str, chunks: Iterable[ChunkParts]) -> Mapping[str, Any]:
        writer = ResultWriter(folder, name, free_bytes=self._free_bytes)
        for kind, index, meta, arrays in chunks:
            writer.add(kind, index, meta, arrays)
        return {"chunks": writer.count, "size": writer.size, "digest": writer.digest}


def _compute(
    command: Mapping[str, Any],
    gate: ProgressGate,
    ear: Ear,
    load: LoadedJob,
    unwritten: Unwritten,
    place: Place,
) -> None:
    """Compute one job and hand over its chunks."""
    generate, result_chunks = load
    run = command["run"]

    def cancelled() -> bool:
        return ear.cancelled(run)

    def chunks() -> Iterator[ChunkParts]:
        for chunk in result_chunks(result):
            if cancelled():
                raise Cancelled
            yield chunk

    request = place.read()
    result = unwritten.take(command["job"])
    if result is None:
        early = {}
        if isinstance(place, FolderPlace) and place.wants_previews():
            early["show"] = Previews(place, ear, run, result_chunks).show
        result = generate(
            request,
            report=gate.report,
            cancelled=cancelled,
            cache_dir=Path(command["cache_dir"]),
            **early,
        )
    gate.stage = "result"
    try:
        written = place.write(chunks())
    except LivescapeError:
        unwritten.keep(command["job"], result)
        raise
    ear.say("done", run=run, **written, report=result.report)


def run_job(
    command: Mapping[str, Any],
    ear: Ear,
    load: LoadedJob,
    unwritten: Unwritten,
    place: Place | None = None,
) -> bool:
    """Compute one job and report how it ended.

    Args:
        command: The line that asked for it.
        ear: Hears how it goes.
        load: What computes, from :func:`load_job`.
        unwritten: The last result that could not be written.
        place: Where the request comes from and the result goes; by default the run's folder.

    Returns:
        Whether this process can be trusted with another job. It cannot after an unexpected
        exception, which is reported as ``job_crashed`` and leaves its traceback in the log; nor
        after a job that was cancelled in the middle of a call that cannot be stopped, which would
        keep computing beside the next one.
    """
    run = command["run"]
    gate = ProgressGate(ear, run, command["progress_interval_s"])
    ear.say("begun", run=run)
    try:
        _compute(command, gate, ear, load, unwritten, place or FolderPlace(command))
    except Cancelled as cancelled:
        ear.say("cancelled", run=run)
        if cancelled.unfinished:
            LOGGER.info("a call that nothing can stop is abandoned, and this process with it")
        return not cancelled.unfinished
    except Exception as error:
        failure, foreseen = job_failure(error)
        failure.at(gate.stage)
        LOGGER.warning("run %s failed: %s: %s", run, failure.code, failure, exc_info=not foreseen)
        ear.say("failed", run=run, error=failure.to_dict())
        return foreseen
    return True
