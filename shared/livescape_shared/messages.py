"""The messages of the protocol, one dataclass each.

The protocol has a version of its own. A peer with another major version is refused with an error; a
higher minor version may add fields and messages, which an older peer ignores. Documented in
``docs/protocol.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

PROTOCOL_VERSION = (3, 1)

Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Message:
    """Base of all messages; ``arrays`` travel as raw frames, everything else as msgpack."""

    type: ClassVar[str] = ""


@dataclass(frozen=True)
class Hello(Message):
    """Client to server, first: its name, its key and a nonce.

    ``key`` is the same whenever this client connects; see :mod:`livescape_shared.proofs` for
    ``nonce``.
    """

    type: ClassVar[str] = "hello"
    client: str = ""
    key: str = ""
    nonce: str = ""


@dataclass(frozen=True)
class Challenge(Message):
    """Server to client, answers hello: a nonce, and the proof that it knows the token."""

    type: ClassVar[str] = "challenge"
    nonce: str = ""
    proof: str = ""


@dataclass(frozen=True)
class Prove(Message):
    """Client to server, answers challenge: the proof that it knows the token too."""

    type: ClassVar[str] = "prove"
    proof: str = ""


@dataclass(frozen=True)
class Pair(Message):
    """Client to server, with the key of an invitation: its name and public key."""

    type: ClassVar[str] = "pair"
    client: str = ""
    key: str = ""


@dataclass(frozen=True)
class Paired(Message):
    """Server to client: its own name; the client may enter from now on."""

    type: ClassVar[str] = "paired"
    server: str = ""


@dataclass(frozen=True)
class Welcome(Message):
    """Server to client: accepted; the server's version, limits and encodings (as keys)."""

    type: ClassVar[str] = "welcome"
    server: str = ""
    device: str = ""
    limits: Mapping[str, int] = field(default_factory=dict)
    encodings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Submit(Message):
    """Client to server: make this scene. A repeated submit attaches to the same job."""

    type: ClassVar[str] = "submit"
    body: Mapping[str, Any] = field(default_factory=dict)
    arrays: Arrays = field(default_factory=dict)


@dataclass(frozen=True)
class Ack(Message):
    """Server to client: the job exists; answers submit and cancel within a second."""

    type: ClassVar[str] = "ack"
    job: str = ""
    state: str = ""


@dataclass(frozen=True)
class Cancel(Message):
    """Client to server: stop this job at its next step."""

    type: ClassVar[str] = "cancel"
    job: str = ""


@dataclass(frozen=True)
class Progress(Message):
    """Server to client: progress of the job; newer ones replace older ones."""

    type: ClassVar[str] = "progress"
    job: str = ""
    stage: str = ""
    step: int = 0
    total: int = 0
    fraction: float = 0.0


@dataclass(frozen=True)
class Grant(Message):
    """Client to server: all chunks before ``next_seq`` are here; send ``bytes`` of the others.

    With ``start``, the stream begins at ``next_seq``, again if it has begun before, in one of the
    encodings of :mod:`livescape_shared.packing` that the server offers. If ``part_bytes`` is not 0,
    chunks come in parts of that size, and so many bytes of chunk ``next_seq`` as ``offset`` says
    are here.
    """

    type: ClassVar[str] = "grant"
    job: str = ""
    next_seq: int = 0
    bytes: int = 0
    start: bool = False
    encoding: str = ""
    offset: int = 0
    part_bytes: int = 0


@dataclass(frozen=True)
class Chunk(Message):
    """Server to client: a part of the result.

    ``kind`` is ``scene`` (``meta``: counts, loop and blending), ``static`` and ``moving``
    (arrays of :class:`~livescape_shared.gaussians.Gaussians`; ``moving`` also has ``windows``) or
    ``frame`` (``index`` and arrays of :class:`~livescape_shared.gaussians.GaussianFrame`).
    """

    type: ClassVar[str] = "chunk"
    job: str = ""
    seq: int = 0
    total: int = 0
    kind: str = ""
    index: int = 0
    meta: Mapping[str, Any] = field(default_factory=dict)
    arrays: Arrays = field(default_factory=dict)


@dataclass(frozen=True)
class Part(Message):
    """To either side: bytes of chunk ``seq`` or, from a client, of a submit.

    ``at`` is where they begin in the whole message, ``check`` its CRC-32. Arrays: ``lengths`` of
    its frames, int64 [frames], and ``bytes``, uint8. See :mod:`livescape_shared.parts`.
    """

    type: ClassVar[str] = "part"
    job: str = ""
    seq: int = 0
    at: int = 0
    check: int = 0
    arrays: Arrays = field(default_factory=dict)


@dataclass(frozen=True)
class Received(Message):
    """Server to client, answers a part: it has all of the submit before byte ``at``.

    ``lost`` says that the part was a later one, so that the client must go on from ``at``.
    """

    type: ClassVar[str] = "received"
    job: str = ""
    at: int = 0
    lost: bool = False


@dataclass(frozen=True)
class Preview(Message):
    """Server to client, if its submit asked for it: a coarser scene is there before the job ends.

    ``result`` is its name in grants and chunks, ``chunks`` and ``digest`` are as in finished. It
    can be granted until the next one is there or the job has ended.
    """

    type: ClassVar[str] = "preview"
    job: str = ""
    result: str = ""
    chunks: int = 0
    digest: str = ""


@dataclass(frozen=True)
class Finished(Message):
    """Server to client, exactly once per job: ``done``, ``failed`` or ``cancelled``.

    ``done`` says how many ``chunks`` can be granted and carries the job's ``report``; ``digest``
    tells this result from another one of the same job.
    """

    type: ClassVar[str] = "finished"
    job: str = ""
    state: str = ""
    chunks: int = 0
    error: Mapping[str, Any] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""


@dataclass(frozen=True)
class Refused(Message):
    """Server to client: a request that was not carried out, with the reason."""

    type: ClassVar[str] = "refused"
    error: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ping(Message):
    """Client to server: are you alive?"""

    type: ClassVar[str] = "ping"


@dataclass(frozen=True)
class Pong(Message):
    """Server to client: yes."""

    type: ClassVar[str] = "pong"


@dataclass(frozen=True)
class ListJobs(Message):
    """Client to server: which jobs are there?"""

    type: ClassVar[str] = "list_jobs"


@dataclass(frozen=True)
class Jobs(Message):
    """Server to client: every job that it knows, by id.

    Each has ``state``, ``stage``, ``fraction``, ``client`` (who asked first), ``created`` (Unix
    time), ``waiting`` (clients), ``chunks``, ``size`` (bytes of the result), ``digest`` and
    ``error`` (map, empty if none).
    """

    type: ClassVar[str] = "jobs"
    jobs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GetStatus(Message):
    """Client to server: how is it?"""

    type: ClassVar[str] = "get_status"


@dataclass(frozen=True)
class Status(Message):
    """Server to client: how it is.

    ``queue`` counts jobs by state; ``memory``, ``device_memory`` and ``disk`` have ``total`` and
    ``free`` bytes, where known; ``results`` has their ``bytes`` and the ``quota``; ``versions`` are
    those of the programs and libraries in use.
    """

    type: ClassVar[str] = "status"
    device: str = ""
    uptime_s: float = 0.0
    clients: int = 0
    queue: Mapping[str, Any] = field(default_factory=dict)
    memory: Mapping[str, Any] = field(default_factory=dict)
    device_memory: Mapping[str, Any] = field(default_factory=dict)
    disk: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Watch(Message):
    """Client to server: tell me how this job goes, without waiting for it."""

    type: ClassVar[str] = "watch"
    job: str = ""


@dataclass(frozen=True)
class EndJob(Message):
    """Client to server: stop this job, whoever waits for it."""

    type: ClassVar[str] = "end_job"
    job: str = ""


@dataclass(frozen=True)
class Forget(Message):
    """Client to server: remove this job, which has ended, and its result."""

    type: ClassVar[str] = "forget"
    job: str = ""


@dataclass(frozen=True)
class Goodbye(Message):
    """Server to client: it ends, of its own accord; jobs go on when it is started again."""

    type: ClassVar[str] = "goodbye"
    reason: str = ""


MESSAGES: dict[str, type[Message]] = {
    message.type: message
    for message in (
        Hello, Challenge, Prove, Welcome, Submit, Ack, Cancel, Progress, Grant, Chunk, Part,
        Received, Preview, Finished,
        Refused, Ping, Pong, Pair, Paired,
        ListJobs, Jobs, GetStatus, Status, Watch, EndJob, Forget, Goodbye,
    )
}  # fmt: skip
