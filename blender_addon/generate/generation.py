"""One generation, step by step: server, submission, progress, chunks, cache."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from livescape_shared.cache.writer import CacheWriter
from livescape_shared.errors import Cancelled, LivescapeError
from livescape_shared.request import GenerateRequest

from .. import properties
from ..bridge.client import Client
from ..bridge.collect import Collector
from ..bridge.events import (
    ChunkArrived,
    Connected,
    Event,
    Finished,
    Lost,
    PreviewArrived,
    Progressed,
    Refused,
)
from ..bridge.launcher import Launch
from ..bridge.remote import RemoteLaunch
from ..cache.cache_folder import caches_folder
from ..camera.path import read_camera_path
from ..servers.choice import remote_launch
from . import local_server, unwanted
from .early_scenes import EarlyScenes
from .missing import check_all_there
from .request_files import build_request

PATIENCE_S = 20.0
"""How long a lost server may stay away before the generation is given up."""

RESTARTS = 3
"""How often a server that has ended is started again; the job goes on there."""

CANCEL_PATIENCE_S = 1.0
"""How long to wait for the server's word that it has stopped."""

RECEIVING_SHARE = 0.1
"""Part of the progress bar that stands for the transfer of the result."""


class Generation:
    """Drives everything between the button and the whole cache; touches no scene.

    Args:
        name: Name of the object.
        request: What to make.
        writer: Where it goes; its folder is known to be writable.
        launch: Finds or starts the server.
        previews: Whether scenes that are there before the whole one are wanted.
        key: What the server knows it by, whichever Blender goes on with it; a new one if empty.
    """

    def __init__(
        self,
        name: str,
        request: GenerateRequest,
        writer: CacheWriter,
        launch: Launch | RemoteLaunch,
        *,
        previews: bool = False,
        key: str = "",
    ) -> None:
        self.name = name
        self.key = key or secrets.token_hex(8)
        self.stage = "starting"
        self.fraction = 0.0
        self.is_over = False
        self._request = request
        self._writer = writer
        self._launch = launch
        self._collector = Collector(writer)
        self._previews = previews
        self._early = EarlyScenes(
            lambda: CacheWriter(writer.root, writer.name, dict(writer.settings))
        )
        self._client: Client | None = None
        self._job = ""
        self._lost: tuple[float, LivescapeError] | None = None
        self._restart: Launch | None = None
        self._restarts = 0
        self._cancelled_at: float | None = None
        self._has_ended = self._is_heard = False

    @property
    def folder(self) -> Path:
        """The cache of the finished scene."""
        return self._writer.folder

    def take_early(self) -> Path | None:
        """Return the cache of the best scene that is there before the whole one, once."""
        return self._early.take()

    @property
    def report(self) -> Mapping[str, Any]:
        """What the backend says about the finished scene."""
        return self._writer.report

    def step(self, budget_s: float, wait_s: float = 0.0) -> bool:
        """Do what there is to do and return whether the cache is whole.

        Args:
            budget_s: Time after which the rest is left to the next call.
            wait_s: Time to wait for something to do.

        Raises:
            LivescapeError: What went wrong, on either side.
            Cancelled: The user has cancelled and the server has stopped.
        """
        try:
            self.is_over = self._advance(budget_s, wait_s)
        except (LivescapeError, Cancelled):
            self.is_over = True
            raise
        return self.is_over

    def move_to(self, root: Path) -> None:
        """Put the scene elsewhere, if its folder has not been made yet."""
        self._writer.root = root

    def is_played(self) -> bool:
        """Whether something may play it: nothing does before its object is there."""
        return False

    def cancel(self) -> None:
        """Ask the server to stop; a later step raises ``Cancelled``."""
        if self._cancelled_at is None:
            self._cancelled_at = time.monotonic()
            if self._client is not None:
                self._is_heard = self._client.cancel(self._job)

    def close(self) -> None:
        """Close the connection and remove what is not whole."""
        self._early.close()
        self._collector.abort()
        self._writer.abort()
        if self._client is not None:
            self._client.close()
            self._client = None
        is_known = self._is_heard and self._has_ended
        if self._cancelled_at is not None and not is_known:
            unwanted.tell(self._launch, self._request, self.key)

    def _advance(self, budget_s: float, wait_s: float) -> bool:
        if self._client is None:
            self._client = self._connect(wait_s)
            return False
        is_writing = self._collector.is_writing
        for event in self._client.poll(budget_s, 0.0 if is_writing else wait_s):
            self._on(event, budget_s)
        self._check_cancelled(self._client)
        if is_writing:  # the server is not needed any more
            return self._collector.go_on(budget_s)
        self._check_lost()
        return self._collector.finished

    def _connect(self, wait_s: float) -> Client | None:
        """Return a client with the job submitted, once there is a server."""
        if self._cancelled_at is not None:
            raise Cancelled
        status = self._launch.poll()
        local_server.remember(self._launch)
        if status.error is not None:
            raise status.error
        if status.state != "ready":
            self.stage = "starting the server"
            time.sleep(min(wait_s, 0.05))
            return None
        launch = self._launch
        client = Client(
            launch.locate,
            name=launch.client_name,
            timing=launch.timing,
            encoding=launch.encoding,
            key=self.key,
        )
        self._job = client.submit(self._request, previews=self._previews)
        self.stage = "waiting"
        return client

    def _on(self, event: Event, budget_s: float) -> None:
        match event:
            case Connected():
                self._lost = None
            case Lost(error):
                self._lost = (time.monotonic(), error)
                self.stage = "the server does not answer"
            case Refused(error):
                raise error
            case Progressed():
                self.stage = event.stage
                self.fraction = event.fraction * (1.0 - RECEIVING_SHARE)
            case Finished():
                self._on_finished(event)
            case PreviewArrived():
                self._early.feed(event)
            case ChunkArrived():
                self._collector.feed(event, budget_s)
                self.stage = "receiving"
                received = (event.seq + 1) / event.total
                self.fraction = 1.0 - RECEIVING_SHARE * (1.0 - received)

    def _on_finished(self, event: Finished) -> None:
        self._has_ended = True
        if event.error is not None:
            raise event.error
        if event.state == "cancelled":
            raise Cancelled
        self._writer.report = event.report
        self._early.abandon()

    def _check_cancelled(self, client: Client) -> None:
        if self._cancelled_at is None:
            return
        waited = time.monotonic() - self._cancelled_at
        if self._job not in client.jobs or waited > CANCEL_PATIENCE_S:
            raise Cancelled

    def _check_lost(self) -> None:
        """Wait for a lost server; start another if it has ended, which goes on with the job."""
        if self._lost is None:
            return
        if self._restart is not None:
            self._poll_restart(self._restart)
        elif self._restarts < RESTARTS and self._launch.locate() is None:
            self._restarts += 1
            self._restart = self._launch.again()
            self.stage = "the server has stopped"
        if self._restart is None and time.monotonic() - self._lost[0] > PATIENCE_S:
            raise self._lost[1]

    def _poll_restart(self, restart: Launch) -> None:
        status = restart.poll()
        local_server.remember(restart)
        self.stage = "starting the server again"
        if status.state != "starting":
            self._restart = None
        if status.error is not None and self._restarts >= RESTARTS:
            raise status.error


def new_generation(context: Any, *, previews: bool = False) -> tuple[Generation, GenerateRequest]:
    """Check all inputs; return a generation that is ready to step, and what it asks for.

    Args:
        context: Of Blender.
        previews: Whether scenes that are there before the whole one are wanted.

    Raises:
        LivescapeError: What is missing or wrong; nothing has been changed.
    """
    check_all_there(context)
    group = properties.settings_of(context.scene)
    name = group.object_name or "Livescape"
    root = caches_folder()
    camera_path = read_camera_path(context, properties.reference_frame(context.scene))
    request = build_request(group, camera_path)
    return generation_of(context, name, request, root, previews=previews), request


def generation_of(
    context: Any,
    name: str,
    request: GenerateRequest,
    root: Path,
    *,
    previews: bool = False,
    key: str = "",
) -> Generation:
    """Return a generation of a request that is known to be right, ready to step.

    Raises:
        LivescapeError: ``backend_missing`` or what the file system
            refuses in ``root``, where caches lie.
    """
    launch = remote_launch(context) or local_server.prepare_launch(context)
    writer = CacheWriter(root, name, request.settings.to_dict())
    writer.prepare()
    return Generation(name, request, writer, launch, previews=previews, key=key)
