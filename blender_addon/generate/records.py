"""What is kept of a generation on disk, so that closing Blender or a crash does not lose it.

A record lies beside the caches of the .blend that started it, and with it the request itself: sent
again, it joins the job that the server may still be at, or begins where the server left off.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from livescape_shared.cache.folder import refusal
from livescape_shared.errors import LivescapeError
from livescape_shared.files import flush_beside, whole_stream
from livescape_shared.processes import process_alive
from livescape_shared.request import GenerateRequest
from livescape_shared.values import integer, mapping, number, text

FOLDER = ".jobs"
"""Name of the folder of records, among the caches."""

RUNNING, DONE, FAILED = "running", "done", "failed"
"""States of what can be taken up again."""

PLACED, CANCELLED, ENDED = "placed", "cancelled", "ended"
"""States of what is over: the whole scene is in its object, the artist cancelled, it failed."""

OPEN = (RUNNING, DONE, FAILED)


@dataclass(frozen=True)
class Record:
    """One generation.

    Attributes:
        blend: Name of the .blend that started it.
        scene: Name of its scene.
        name: Of the object.
        id: Name of its files, and the key by which the server knows who waits for it.
        state: One of the six above.
        started: Seconds since 1970.
        seconds: That it took, once it is over.
        cache: Name of the cache folder, once it is whole.
        error: Why it failed; empty otherwise.
        chosen: What the artist had set, by the name of the property.
        host: Machine on which it was started.
        process: Id of the Blender that follows it.
        early: Names of the caches of scenes that came before the whole one.
    """

    blend: str
    scene: str
    name: str
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    state: str = RUNNING
    started: float = field(default_factory=time.time)
    cache: str = ""
    error: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    chosen: Mapping[str, Any] = field(default_factory=dict)
    host: str = field(default_factory=platform.node)
    process: int = field(default_factory=os.getpid)
    early: tuple[str, ...] = ()

    @property
    def is_followed_elsewhere(self) -> bool:
        """Whether another Blender of this machine is at it now."""
        is_here = self.host == platform.node() and self.process != os.getpid()
        return self.state == RUNNING and is_here and process_alive(self.process)

    @property
    def other_host(self) -> str:
        """The machine on which a Blender may still be at it, if it is another; empty otherwise."""
        is_other = self.state == RUNNING and self.host != platform.node()
        return self.host if is_other else ""


def write_record(root: Path, record: Record) -> None:
    """Keep a record among the caches of ``root``.

    Raises:
        LivescapeError: ``disk_full`` or ``cache_not_writable``.
    """
    place = _place(root, record, "json")
    with whole_stream(place, refusal=_refusal) as stream:
        stream.write(json.dumps(asdict(record), indent=1).encode())
    flush_beside(place)  # Blender's window waits for no disk


def write_request(root: Path, record: Record, request: GenerateRequest) -> None:
    """Keep what a record asks for.

    Raises:
        LivescapeError: ``disk_full`` or ``cache_not_writable``.
    """
    body = np.frombuffer(json.dumps(request.body()).encode(), np.uint8)
    arrays: dict[str, Any] = {"body": body, **request.arrays()}
    with whole_stream(_place(root, record, "npz"), refusal=_refusal) as stream:
        np.savez(stream, **arrays)


def read_request(root: Path, record: Record) -> GenerateRequest:
    """Return what a record asks for.

    Raises:
        LivescapeError: ``job_lost``.
    """
    try:
        with np.load(_place(root, record, "npz"), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        body = json.loads(arrays.pop("body").tobytes())
        return GenerateRequest.from_parts(mapping(body), arrays)
    except Exception as error:  # a damaged archive makes NumPy raise exceptions of any kind
        raise LivescapeError(
            "job_lost",
            f"What was asked for {record.name} can no longer be read.",
            hint="Press Generate.",
        ) from error


def read_records(root: Path, blend: str) -> list[Record]:
    """Return the records of a .blend, oldest first; what cannot be read is left out.

    Those of a .blend that is no longer there belong to every one beside it: it may have been
    renamed.
    """
    found = all_records(root)
    others = {each.blend for each in found} - {blend}
    gone = {name for name in others if not os.path.exists(root.parent / name)}
    return [each for each in found if each.blend == blend or each.blend in gone]


def all_records(root: Path) -> list[Record]:
    """Return the records among the caches of ``root``, oldest first."""
    found = []
    with suppress(OSError):
        for path in (root / FOLDER).glob("*.json"):
            with suppress(OSError, ValueError, TypeError, KeyError, RecursionError, LivescapeError):
                found.append(_from_values(path.stem, json.loads(path.read_text("utf-8"))))
    return sorted(found, key=lambda each: each.started)


def forget_request(root: Path, record: Record) -> None:
    """Remove what a record asks for: it is over."""
    with suppress(OSError):
        _place(root, record, "npz").unlink()


def remove_record(root: Path, record: Record) -> None:
    """Forget a generation; what it has made stays."""
    for kind in ("json", "npz"):
        with suppress(OSError):
            _place(root, record, kind).unlink()
    with suppress(OSError):  # not empty: there are others, or caches
        (root / FOLDER).rmdir()
        root.rmdir()


def move_record(old: Path, new: Path, record: Record) -> None:
    """Let a record lie among other caches, because its .blend was saved there."""
    if old == new:
        return
    for kind in ("npz", "json"):
        source = _place(old, record, kind)
        if source.is_file():
            target = _place(new, record, kind)
            with whole_stream(target, refusal=_refusal) as stream:
                stream.write(source.read_bytes())
    remove_record(old, record)


def _from_values(identity: str, values: Mapping[str, Any]) -> Record:
    return Record(
        blend=text(values["blend"]),
        scene=text(values["scene"]),
        name=text(values["name"]),
        id=identity,
        state=text(values["state"]),
        started=number(values["started"]),
        cache=text(values["cache"]),
        error=mapping(values["error"]),
        seconds=number(values.get("seconds", 0.0)),
        chosen=mapping(values.get("chosen", {})),
        host=text(values["host"]),
        process=integer(values["process"], 0),
        early=tuple(filter(_is_name, map(text, values.get("early", ())))),
    )


def _is_name(name: str) -> bool:
    """Whether it names a folder among the others, and no other place."""
    return bool(name) and not name.startswith(".") and name == PurePath(name).name


def _place(root: Path, record: Record, kind: str) -> Path:
    return root / FOLDER / f"{record.id}.{kind}"


def _refusal(path: Path, error: OSError) -> LivescapeError:
    return refusal(path.parent.parent, error)
